-- Ends the leases that are still ours, and says so to those who wait.
-- KEYS: the leases. ARGV: the fencing number, the channel, the name of each lease.
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    redis.call('DEL', KEYS[i])
    redis.call('PUBLISH', ARGV[2], ARGV[i + 2])
  end
end
