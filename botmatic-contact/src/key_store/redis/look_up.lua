-- What is known of a half.
-- KEYS: pairs, tombstones of its side, and for an external id the contacts of externals. ARGV: the id.
-- Returns the record of its pair or false, and the moment of its tombstone or false.
local contact = ARGV[1]
if KEYS[3] then
  contact = redis.call('HGET', KEYS[3], ARGV[1])
end
return {contact and redis.call('HGET', KEYS[1], contact), redis.call('HGET', KEYS[2], ARGV[1])}
