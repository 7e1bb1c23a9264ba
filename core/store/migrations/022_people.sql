-- People log in (core/access/); keys get a purpose, limits and a successor.

create table app_user (
    user_id        int8 generated always as identity primary key,
    email          text not null,
    name           text not null default '',
    role           text not null,
    password_hash  text,                         -- PHC string of argon2id; null: none was chosen yet
    totp_secret    bytea,                        -- null: no second factor
    totp_pending   bytea,                        -- shown to the user, who has not sent a code of it yet
    totp_step      int8 not null default 0,      -- of the code that was taken last; a code works once
    recovery_codes bytea[] not null default '{}', -- SHA-256 of those that are left
    oidc_subject   text unique,                  -- issuer, a blank, subject
    created_at     timestamptz not null default now(),
    last_login_at  timestamptz,
    disabled_at    timestamptz
);
create unique index app_user_email on app_user (lower(email));

-- One-time links: to make the first user (no user_id), or to choose a password.
create table user_link (
    link_hash  bytea primary key, -- SHA-256 of the token in the link
    user_id    int8 references app_user on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index user_link_of_user on user_link (user_id);

create table session (
    session_id   int8 generated always as identity primary key,
    token_hash   bytea not null unique, -- SHA-256 of the cookie
    user_id      int8 not null references app_user on delete cascade,
    browser      text not null default '', -- the beginning of its User-Agent
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(), -- to the minute
    expires_at   timestamptz not null
);
create index session_of_user on session (user_id);

-- Secrets of the installation, which all of its processes share.
create table access_secret (
    name   text primary key,
    secret bytea not null
);
-- gen_random_uuid() has 122 random bits from the system's generator.
insert into access_secret (name, secret)
    values ('device', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

alter table api_key
    add column purpose             text not null default '',
    add column prefix              text not null default '', -- how the key begins, to recognise it by
    add column scopes              text[],        -- permissions; null: all of the role's
    add column stores              text[],        -- null: all of the role's
    add column expires_at          timestamptz,
    add column last_used_at        timestamptz,   -- to the minute
    -- After a rotation the key before works for a while.
    add column previous_hash       bytea unique,
    add column previous_expires_at timestamptz,
    add column previous_used_at    timestamptz;
