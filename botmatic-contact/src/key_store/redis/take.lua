-- Takes leases on all subjects or on none.
-- KEYS: the fencing counter, the leases. ARGV: how long, in milliseconds.
-- Returns 1 and the fencing number, or 0 and for how many milliseconds somebody holds one of them.
for i = 2, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left ~= -2 then
    return {0, left}
  end
end
-- Not below the clock: so the numbers go on rising where a failover has lost the counter's last steps.
local time = redis.call('TIME')
local fence = math.max((tonumber(redis.call('GET', KEYS[1]) or 0)) + 1, time[1] * 1000000 + time[2])
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], text)
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], text, 'PX', ARGV[1])
end
return {1, fence}
