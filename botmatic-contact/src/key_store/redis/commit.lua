-- Makes all changes, or none if a lease has ended or is somebody else's.
-- KEYS: the tables of the installation, the leases. ARGV: the fencing number, the changes, each a word and its values.
-- Returns 1 if the changes were made, 0 if a lease has ended, 2 if an id of a pair is half of another one.
local pairs_, external_of, contact_of, order, deleted_contacts, deleted_externals, intents, journals, journal_keys =
  unpack(KEYS, 1, 9)
for i = 10, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then
    return 0
  end
end

local values = { pair = 3, new_pair = 3, deleted = 3, intent = 2, withdraw = 1, tombstone = 3, put = 2, remove = 1 }
local function is_other(known, id)
  return known and known ~= id
end
local place = 2
while place <= #ARGV do
  local contact, external = ARGV[place + 1], ARGV[place + 2]
  if (ARGV[place] == 'pair' or ARGV[place] == 'new_pair') and (is_other(redis.call('HGET', external_of, contact), external)
      or is_other(redis.call('HGET', contact_of, external), contact)) then
    return 2
  end
  place = place + 1 + values[ARGV[place]]
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

local function save(contact, external, record)
  redis.call('HDEL', deleted_contacts, contact)
  redis.call('HDEL', deleted_externals, external)
  redis.call('HDEL', intents, 'c' .. contact, 'e' .. external)
  redis.call('HSET', pairs_, contact, record)
  redis.call('HSET', external_of, contact, external)
  redis.call('HSET', contact_of, external, contact)
  redis.call('ZADD', order, 0, contact)
end

local changes = {
  pair = function()
    save(argument(), argument(), argument())
  end,
  new_pair = function()
    local contact, external, record = argument(), argument(), argument()
    save(contact, external, redis.call('HGET', pairs_, contact) or record)
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
  tombstone = function()
    local side, id, at = argument(), argument(), argument()
    redis.call('HDEL', intents, side .. id)
    redis.call('HSET', side == 'c' and deleted_contacts or deleted_externals, id, at)
  end,
  put = function()
    local key, value = argument(), argument()
    redis.call('HSET', journals, key, value)
    redis.call('ZADD', journal_keys, 0, key)
  end,
  remove = function()
    local key = argument()
    redis.call('HDEL', journals, key)
    redis.call('ZREM', journal_keys, key)
  end,
}
while next_argument <= #ARGV do
  changes[argument()]()
end
return 1
