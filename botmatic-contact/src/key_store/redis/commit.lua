-- Makes all changes, or none if a lease has ended or is somebody else's.
-- KEYS: the tables of the installation, the leases. ARGV: the fencing number, the changes, each a word and its values.
-- Returns whether the changes were made.
local pairs_, external_of, contact_of, order, deleted_contacts, deleted_externals, intents = unpack(KEYS, 1, 7)
for i = 8, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then
    return 0
  end
end

local next_argument = 2
local function argument()
  next_argument = next_argument + 1
  return ARGV[next_argument - 1]
end

local function unpair(contact, external)
  if contact and external then
    redis.call('HDEL', pairs_, contact)
    redis.call('HDEL', external_of, contact)
    redis.call('ZREM', order, contact)
    redis.call('HDEL', contact_of, external)
  end
end

local function unpair_both(contact, external)
  unpair(contact, redis.call('HGET', external_of, contact))
  unpair(redis.call('HGET', contact_of, external), external)
end

local changes = {
  pair = function()
    local contact, external, record = argument(), argument(), argument()
    unpair_both(contact, external)
    redis.call('HDEL', deleted_contacts, contact)
    redis.call('HDEL', deleted_externals, external)
    redis.call('HDEL', intents, 'c' .. contact, 'e' .. external)
    redis.call('HSET', pairs_, contact, record)
    redis.call('HSET', external_of, contact, external)
    redis.call('HSET', contact_of, external, contact)
    redis.call('ZADD', order, 0, contact)
  end,
  deleted = function()
    local contact, external, at = argument(), argument(), argument()
    unpair_both(contact, external)
    redis.call('HSET', deleted_contacts, contact, at)
    redis.call('HSET', deleted_externals, external, at)
  end,
  intent = function()
    redis.call('HSET', intents, argument(), argument())
  end,
  withdraw = function()
    redis.call('HDEL', intents, argument())
  end,
}
while next_argument <= #ARGV do
  changes[argument()]()
end
return 1
