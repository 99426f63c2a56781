-- Takes leases on all subjects or on none.
-- KEYS: the fencing counter, the tenancy of the installation, the leases. ARGV: how long, in milliseconds.
-- Returns 1, the fencing number and the tenancy, or 0, for how many milliseconds somebody holds one of them, and the tenancy.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('SET', KEYS[2], string.format('%.0f', now), 'NX')
local tenancy = tonumber(redis.call('GET', KEYS[2]))
for i = 3, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left ~= -2 then
    return {0, left, tenancy}
  end
end
-- Not below the clock: so the numbers go on rising where a failover has lost the counter's last steps.
local fence = math.max((tonumber(redis.call('GET', KEYS[1]) or 0)) + 1, now)
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], text)
for i = 3, #KEYS do
  redis.call('SET', KEYS[i], text, 'PX', ARGV[1])
end
return {1, fence, tenancy}
