-- A page of a journal in the order of the keys.
-- KEYS: the keys of all journals, the entries. ARGV: where to begin and to end, as ZRANGE takes it, and how many.
-- Returns keys and values in turns.
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'BYLEX', 'LIMIT', 0, ARGV[3])) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', KEYS[2], key)
end
return found
