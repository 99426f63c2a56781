-- Saves the record of an installation, if the one before it is still the same.
-- KEYS: the record, the ids of all installations. ARGV: the one before it or nothing, the new one, its id. Returns whether
-- it was saved.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[3])
return 1
