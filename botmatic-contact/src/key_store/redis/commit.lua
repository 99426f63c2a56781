-- Makes all changes, or none if a lease has ended or is somebody else's, or the installation was removed.
-- KEYS: the tables of the installation, the leases. ARGV: the fencing number, the tenancy, after how many milliseconds a
-- tombstone is past and how many of these are removed at most, the changes, each a word and its values.
-- Returns 1 if the changes were made, 0 if a lease has ended, 2 if an id of a pair is half of another one, 3 if the
-- installation was removed.
local tenancy, pairs_, external_of, contact_of, order, deleted_contacts, deleted_externals, deletions, intents, journals,
  journal_keys = unpack(KEYS, 1, 11)
local fence, since, past, few = unpack(ARGV, 1, 4)
if redis.call('GET', tenancy) ~= since then
  return 3
end
for i = 12, #KEYS do
  if redis.call('GET', KEYS[i]) ~= fence then
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
local place = 5
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

local next_argument = 5
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

local function revive(half)
  redis.call('HDEL', half:sub(1, 1) == 'c' and deleted_contacts or deleted_externals, half:sub(2))
  redis.call('ZREM', deletions, half)
end

local function bury(half, at)
  redis.call('HSET', half:sub(1, 1) == 'c' and deleted_contacts or deleted_externals, half:sub(2), at)
  redis.call('ZADD', deletions, at, half)
  local before = string.format('(%.0f', at - past)
  for _, old in ipairs(redis.call('ZRANGE', deletions, '-inf', before, 'BYSCORE', 'LIMIT', 0, few)) do
    revive(old)
  end
end

local function save(contact, external, record)
  revive('c' .. contact)
  revive('e' .. external)
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
    bury('c' .. contact, at)
    bury('e' .. external, at)
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
    bury(side .. id, at)
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
