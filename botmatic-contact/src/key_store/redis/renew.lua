-- Moves the end of leases on, if all of them are still ours.
-- KEYS: the leases. ARGV: the fencing number, how long from now in milliseconds. Returns whether they were ours.
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then
    return 0
  end
end
for i = 1, #KEYS do
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 1
