-- Forgets an installation, unless it is another one by now.
-- KEYS: the ids of all installations, its record, its tables. ARGV: the record of the one that is meant, its id. Returns whether it was that.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('UNLINK', unpack(KEYS, 2))
return 1
