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
-- Who is whose counterpart at this point of the changes, where that is not what the tables say; false for nobody's.
local externals, contacts = {}, {}
local function external_for(contact)
  local found = externals[contact]
  if found == nil then found = redis.call('HGET', external_of, contact) end
  return found
end
local function contact_for(external)
  local found = contacts[external]
  if found == nil then found = redis.call('HGET', contact_of, external) end
  return found
end
local place = 2
while place <= #ARGV do
  local change, contact, external = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  if change == 'pair' or change == 'new_pair' then
    if (external_for(contact) or external) ~= external or (contact_for(external) or contact) ~= contact then
      return 2
    end
    externals[contact], contacts[external] = external, contact
  elseif change == 'deleted' then
    local other_contact, other_external = contact_for(external), external_for(contact)
    externals[contact], contacts[external] = false, false
    if other_contact then externals[other_contact] = false end
    if other_external then contacts[other_external] = false end
  end
  place = place + 1 + values[change]
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
