-- Saves the record of an installation, if the one before it is still the same.
-- KEYS: the record. ARGV: the one before it or nothing, the new one. Returns whether it was saved.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
