-- Forgets an installation, unless it is another one by now.
-- KEYS: its record, its tables. ARGV: the record of the one that is meant. Returns whether it was that.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('UNLINK', unpack(KEYS))
return 1
