-- Sessions by hand: what int_events_sessionized and int_sessions_summarized hold, from the same
-- files, as fast as its author could make it. Nothing can be added to its result: a late file means
-- running it again. tests/python/test_benchmarks.py compares both row for row.
--
-- Where the time goes, and what is done about it:
--   the checks: made once, and the few bad rows and copies are left out by number afterwards;
--   the sort: events of half an hour are never further apart than that, so that only a visitor's
--   first and last of each half hour are sorted, never the events;
--   copies of an event: found by a hash of 8 bytes, and only those few are looked at in full;
--   the join: of whole events with sessions, by visitor and time, not with another row per event;
--   what a session begins with: read from its first event, not taken from all of them;
--   the writing: columns that are read together and by few are one text.
-- Two visitors with one hash of 64 bits would be taken for one: at 10 million visitors, a chance of
-- 3 in a million.
set TimeZone = 'UTC';

create macro utc(text) as case
    when regexp_matches(text, ':.*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')
        then cast(try_cast(text as timestamptz) as timestamp)
    else try_cast(text as timestamp)
end;
create macro is_blank(text) as text is null or trim(text) = '';
create macro is_empty(text) as coalesce(text, '') = '';
create macro consented(answer) as
    case when trim(answer) <> '' then coalesce(try_cast(answer as boolean), false) else true end;
create macro withheld(text) as 'withheld-' || left(
    sha256(getvariable('hash_key') || sha256(getvariable('hash_key') || text)), 32
);
create macro visit(session_key, event_at) as coalesce(nullif(session_key, ''), left(event_at, 10));
create macro bare(url) as split_part(split_part(url, '?', 1), '#', 1);
create macro path(url) as coalesce(
    nullif(regexp_extract(url, '^(?:[^/?#]*://[^/?#]*)?([^?#]*)', 1), ''),
    case when url like '%://%' then '/' end
);
create macro host(url) as nullif(
    lower(regexp_extract(url, '^[^?]*?://(?:(?i:www)\.)?([^/?]*)', 1)), ''
);
create macro campaign_parameters(url) as nullif(case when url like '%?%' then array_to_string(
    regexp_extract_all(
        url, '(?i)[?&](?:utm_(?:source|medium|campaign)=[^&#]+|[a-z0-9_]{1,20}=[^&#])'
    ), ''
) end, '');

-- A file's number says which of two files landed first.
create temp table files as
select
    filename,
    row_number() over (order by loaded_at, source_file) * 1000000000 as first_row_key
from (
    select filename, min(_loaded_at) as loaded_at, min(_source_file) as source_file
    from read_parquet(getvariable('events'), union_by_name = true, filename = true)
    group by filename
);

create temp table checked_events as
select
    row_key,
    hash(event_id) as event_hash,
    event_id,
    occurred_at as event_at,
    hash(case
        when consented(consent_analytics) then visitor_id
        else withheld(visitor_id || '|' || visit(session_key, event_at))
    end) as visitor_hash,
    coalesce(
        not is_blank(event_id)
        and not is_blank(event_name)
        and not is_blank(visitor_id)
        and year(occurred_at) between 1970 and 2199
        and occurred_at <= _loaded_at + interval 1 day
        and (
            is_empty(engagement_ms)
            or try_cast(engagement_ms as double) = try_cast(engagement_ms as bigint)
        )
        and (is_empty(value) or try_cast(value as decimal(18, 4)) is not null)
        and (is_empty(items) or json_valid(items))
        and (is_empty(consent_analytics) or try_cast(consent_analytics as boolean) is not null)
        and (is_empty(consent_ads) or try_cast(consent_ads as boolean) is not null), false
    ) as is_good
from (
    select
        landed.*,
        utc(landed.event_at) as occurred_at,
        files.first_row_key + landed._source_row as row_key
    from read_parquet(getvariable('events'), union_by_name = true, filename = true) as landed
        inner join files
            on landed.filename = files.filename
) as raw;

create temp table left_out as
select row_key
from checked_events
where not is_good
union all
select row_key
from (
    select
        row_key,
        row_number() over (partition by event_id order by row_key) as copy_number
    from checked_events
    where
        is_good
        and event_hash in (
            select repeated.event_hash
            from checked_events as repeated
            where repeated.is_good
            group by repeated.event_hash
            having count(*) > 1
        )
)
where copy_number > 1;

create temp table sessions as
with
spans as (
    select
        visitor_hash,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from checked_events
    where row_key not in (select left_out.row_key from left_out)
    group by visitor_hash, epoch_us(event_at) // 1800000000
),

gaps as (
    select
        visitor_hash,
        first_event_at,
        coalesce(
            first_event_at
            > lag(last_event_at) over (partition by visitor_hash order by first_event_at)
            + interval 30 minute,
            true
        ) as is_session_start
    from spans
)

select
    visitor_hash,
    first_event_at as session_start_at,
    coalesce(
        lead(first_event_at) over (partition by visitor_hash order by first_event_at),
        timestamp '9999-12-31'
    ) as next_session_start_at
from gaps
where is_session_start;

drop table checked_events;

create table events_sessionized as
select
    raw.event_id,
    raw.occurred_at as event_at,
    raw.event_name,
    case when is_consented then nullif(raw.user_id, '') end as user_id,
    path(raw.page_url) as page_path,
    case when raw.occurred_at = sessions.session_start_at then concat(
        raw.device_category, chr(31), raw.operating_system, chr(31), raw.browser, chr(31),
        case
            when is_consented then raw.user_agent
            else regexp_replace(raw.user_agent, '[0-9]+', '0', 'g')
        end, chr(31),
        raw.country, chr(31), raw.region, chr(31), raw.language, chr(31),
        case when is_consented then raw.age_bracket end, chr(31),
        case when is_consented then raw.gender end
    ) end as visit,
    case
        when
            raw.parameters is not null
            or coalesce(
                nullif(raw.utm_source, ''), nullif(raw.utm_medium, ''), nullif(raw.utm_campaign, ''),
                nullif(raw.gclid, ''), nullif(raw.fbclid, ''), nullif(raw.msclkid, '')
            ) is not null
            or raw.referrer_host <> coalesce(raw.page_host, '')
            then concat(
                raw.page_host, chr(31), raw.referrer_host, chr(31), raw.parameters, chr(31),
                raw.utm_source, chr(31), raw.utm_medium, chr(31), raw.utm_campaign, chr(31),
                case when raw.gclid <> '' then '1' end, chr(31),
                case when raw.fbclid <> '' then '1' end, chr(31),
                case when raw.msclkid <> '' then '1' end
            )
    end as traffic,
    try_cast(raw.engagement_ms as bigint) as engagement_ms,
    nullif(raw.currency, '') as currency,
    try_cast(raw.value as decimal(18, 4)) as value,
    case
        when is_consented or is_blank(raw.transaction_id) then nullif(raw.transaction_id, '')
        else withheld(raw.transaction_id)
    end as transaction_id,
    case
        when is_consented or is_blank(raw.cart_id) then nullif(raw.cart_id, '')
        else withheld(
            'cart ' || raw.cart_id || '|' || raw.visitor_id || '|'
            || visit(raw.session_key, raw.event_at)
        )
    end as cart_id,
    nullif(raw.items, '') as items,
    raw._loaded_at,
    raw._source_file,
    raw._source_row,
    raw.known_visitor_id as visitor_id,
    sessions.session_start_at,
    cast(sessions.session_start_at as date) as session_date
from (
    select
        landed.*,
        utc(landed.event_at) as occurred_at,
        files.first_row_key + landed._source_row as row_key,
        host(landed.page_url) as page_host,
        host(landed.page_referrer) as referrer_host,
        campaign_parameters(landed.page_url) as parameters,
        consented(landed.consent_analytics) as is_consented,
        case
            when consented(landed.consent_analytics) then landed.visitor_id
            else withheld(landed.visitor_id || '|' || visit(landed.session_key, landed.event_at))
        end as known_visitor_id
    from read_parquet(getvariable('events'), union_by_name = true, filename = true) as landed
        inner join files
            on landed.filename = files.filename
) as raw
    inner join sessions
        on
            hash(raw.known_visitor_id) = sessions.visitor_hash
            and raw.occurred_at >= sessions.session_start_at
            and raw.occurred_at < sessions.next_session_start_at
where raw.row_key not in (select left_out.row_key from left_out);

create temp table visits as
select
    visitor_id,
    session_start_at,
    session_date,
    nullif(parts[1], '') as device_category,
    nullif(parts[2], '') as operating_system,
    nullif(parts[3], '') as browser,
    nullif(parts[4], '') as user_agent,
    nullif(parts[5], '') as country,
    nullif(parts[6], '') as region,
    nullif(parts[7], '') as language,
    nullif(parts[8], '') as age_bracket,
    nullif(parts[9], '') as gender
from (
    select
        visitor_id,
        session_start_at,
        max(session_date) as session_date,
        string_split(min_by(visit, event_id), chr(31)) as parts
    from events_sessionized
    where event_at = session_start_at
    group by visitor_id, session_start_at
);

create temp table robots as
select distinct agents.user_agent
from (select distinct user_agent, lower(user_agent) as lowered from visits) as agents
    inner join read_csv(getvariable('bot_user_agents'), header = true) as patterns
        on
            position(patterns.fragment in agents.lowered) > 0
            and regexp_matches(agents.user_agent, patterns.pattern);

create table sessions_summarized as
with
sums as (
    select
        visitor_id,
        session_start_at,
        max(event_at) as session_end_at,
        min(user_id) as first_user_id,
        max(user_id) as last_user_id,
        count(*) as event_count,
        count(*) filter (where event_name = 'page_view') as page_view_count,
        min_by(page_path, row(event_at, event_id)) filter (
            where event_name = 'page_view' and page_path is not null
        ) as landing_page,
        max_by(page_path, row(event_at, event_id)) filter (
            where event_name = 'page_view' and page_path is not null
        ) as exit_page,
        sum(engagement_ms) as engagement_ms,
        bool_or(event_name = 'view_item') as has_view_item,
        bool_or(event_name = 'add_to_cart') as has_add_to_cart,
        bool_or(event_name = 'begin_checkout') as has_begin_checkout,
        bool_or(event_name = 'purchase') as has_purchase
    from events_sessionized
    group by visitor_id, session_start_at
),

judged as (
    select
        starts.session_date,
        sums.*,
        starts.device_category,
        starts.operating_system,
        starts.browser,
        starts.user_agent,
        starts.country,
        starts.region,
        starts.language,
        starts.age_bracket,
        starts.gender,
        date_diff('millisecond', sums.session_start_at, sums.session_end_at) / 1000
            as duration_seconds
    from visits as starts
        inner join sums
            on
                starts.visitor_id = sums.visitor_id
                and starts.session_start_at = sums.session_start_at
)

select
    judged.*,
    judged.has_purchase as has_key_event,
    case
        when robots.user_agent is not null then 'user agent'
        when judged.event_count > 500 then 'too many events'
        when judged.page_view_count >= 30 and judged.duration_seconds < judged.page_view_count * 2
            then 'pages too fast'
    end as bot_reason,
    bot_reason is not null as is_bot,
    md5(judged.visitor_id || '|' || cast(judged.session_start_at as varchar)) as session_id
from judged
    left join robots
        on judged.user_agent = robots.user_agent;
