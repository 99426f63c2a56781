-- Ids and records are bytes: a text of PostgreSQL cannot hold every character that a text can have. Who connects at the
-- same time waits at the lock.
begin;
set local statement_timeout = 0;
select pg_advisory_xact_lock(7305503571498296);
create schema if not exists SCHEMA;
set local search_path to SCHEMA;
create table if not exists installations (
  installation bytea primary key,
  record bytea not null
);
create table if not exists pairs (
  installation bytea,
  contact bytea,
  external bytea not null,
  record bytea not null,
  primary key (installation, contact),
  unique (installation, external)
);
create table if not exists deleted_contacts (
  installation bytea,
  id bytea,
  at bigint not null,
  primary key (installation, id)
);
create table if not exists deleted_externals (
  installation bytea,
  id bytea,
  at bigint not null,
  primary key (installation, id)
);
create table if not exists intents (
  installation bytea,
  half bytea,
  record bytea not null,
  primary key (installation, half)
);
create table if not exists journals (
  installation bytea,
  journal text,
  key bytea,
  value bytea not null,
  primary key (installation, journal, key)
);
-- Who works on what: at most until then, unless it says that it lives.
create table if not exists claims (
  key text primary key,
  fence bigint not null,
  ends timestamptz not null
);
create sequence if not exists fences;
-- A number that an installation has until it is removed.
create table if not exists tenancies (
  installation bytea primary key,
  tenancy bigint not null default nextval('fences')
);
-- To say `if not exists` would wait for everybody who writes, also where there is an index.
do $$ begin
  if to_regclass('SCHEMA.deleted_contacts_by_time') is null then
    create index deleted_contacts_by_time on deleted_contacts (installation, at);
    create index deleted_externals_by_time on deleted_externals (installation, at);
  end if;
end $$;
commit;
