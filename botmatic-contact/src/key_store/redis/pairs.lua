-- A page of pairs in the order of their contact ids.
-- KEYS: the order, the pairs. ARGV: where to begin, as ZRANGE takes it, and how many.
local records = {}
for i, contact in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])) do
  records[i] = redis.call('HGET', KEYS[2], contact)
end
return records
