"""Ad spend as ad platforms report it: the reports of every level at once, and the histories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from shoptrack.demo.dialects import RawRows
from shoptrack.landing.writing import as_text

# Columns of the contract that no report carries. All others come back through the adapters.
NOT_CARRIED: Mapping[str, tuple[str, ...]] = {"shop.ad_spend": ("country",)}
NOT_REJECTED: tuple[str, ...] = ()
# The adapters, and the platform that their rows name.
PLATFORMS: Mapping[str, str] = {
    "google_ads": "google_ads",
    "facebook_ads": "meta_ads",
    "microsoft_ads": "microsoft_ads",
    "tiktok_ads": "tiktok_ads",
}
# Of each adapter the report of campaigns, and what it calls campaign, day and cost.
_SPOILT_REPORTS = {
    "google_ads": ("campaign_stats", "id", "date", "cost_micros"),
    "facebook_ads": ("basic_campaign", "campaign_id", "date", "spend"),
    "microsoft_ads": ("campaign_performance_daily_report", "campaign_id", "date", "spend"),
    "tiktok_ads": ("campaign_report_daily", "campaign_id", "stat_time_day", "spend"),
}
_AD_DAY = ("platform", "campaign_id", "ad_group_id", "ad_id", "spend_date", "currency")
_CHANGED_AT = "2024-01-01 00:00:00"
_MOBILE_SHARE = 0.6
_LINK = "'https://shop.example/?' || tags"
_TYPES = {
    "impressions": "bigint",
    "clicks": "bigint",
    "spend": "decimal(18, 4)",
    "platform_conversions": "decimal(18, 4)",
    "platform_value": "decimal(18, 4)",
}

Queries = dict[str, str]


class Dialect:
    """Spend as Google, Meta, Microsoft and TikTok report it.

    A report has no countries, so it is written again whole for each ad and day of which a load has
    a row: the newest rows of all countries so far add up. What cannot be used comes as a row of the
    report of campaigns, and spend of other platforms in the contract's shape.
    """

    contract_tables = ("shop.ad_spend",)
    adapters = tuple(PLATFORMS)

    def __init__(self) -> None:
        self._newest: dict[tuple[Any, ...], dict[str, Any]] = {}

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load; see shoptrack.demo.dialects."""
        spend = rows["shop.ad_spend"]
        good, bad, others = [], [], []
        for row in spend.to_pylist():
            if _platform(row) not in PLATFORMS.values():
                others.append(row)
            elif row["campaign_id"] and _is_number(row["spend"]):
                good.append(row)
            else:
                bad.append({**row, "platform": _platform(row)})
        if others:
            kept = pa.Table.from_pylist(others, spend.schema)
            yield RawRows("shop.ad_spend", f"ad_spend_{date}.parquet", kept)
        restated = pa.Table.from_pylist(self._restated(good), spend.schema)
        for adapter, platform in PLATFORMS.items():
            spoilt = [row for row in bad if row["platform"] == platform]
            for table, part in _with_spoilt(adapter, platform_tables(restated, adapter), spoilt):
                yield RawRows(table, f"{table.split('.')[1]}_{date}.parquet", part)

    def _restated(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The newest rows, of all countries, of every ad and day that these rows name."""
        for row in rows:
            ad_day = tuple(row[name] for name in _AD_DAY)
            self._newest.setdefault(ad_day, {})[row["country"]] = row
        touched = dict.fromkeys(tuple(row[name] for name in _AD_DAY) for row in rows)
        return [row for ad_day in touched for row in self._newest[ad_day].values()]


def _platform(row: Mapping[str, Any]) -> str:
    """The platform of a row; a spoilt one has a number after it."""
    return str(row["platform"]).split("-")[0]


def _is_number(text: str | None) -> bool:
    return re.fullmatch(r"[0-9]+(\.[0-9]+)?", text or "") is not None


def _with_spoilt(
    adapter: str, tables: Mapping[str, pa.Table], spoilt: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, pa.Table]]:
    """The raw tables that have rows; spoilt rows of spend stand in the report of campaigns."""
    report = f"{adapter}.{_SPOILT_REPORTS[adapter][0]}"
    for table, rows in tables.items():
        whole = rows
        if table == report and spoilt:
            values = [_spoilt_row(adapter, row) for row in spoilt]
            whole = pa.concat_tables([as_text(rows), _like(rows.schema.names, values)])
        if whole.num_rows:
            yield table, whole


def _spoilt_row(adapter: str, row: Mapping[str, Any]) -> dict[str, str | None]:
    _, campaign, day, cost = _SPOILT_REPORTS[adapter]
    account = f"account-{row['currency']}"
    accounts = {"account_id": account, "customer_id": account, "device": "SPOILT"}
    return {**accounts, campaign: row["campaign_id"], day: row["spend_date"], cost: row["spend"]}


def _like(names: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> pa.Table:
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table(columns)


def platform_tables(spend: pa.Table, adapter: str) -> dict[str, pa.Table]:
    """Write rows of shop.ad_spend as the raw tables of an adapter, by name (`google_ads.ad_stats`).

    `spend` has one row per key of the contract, as text or typed; rows of other platforms are left
    out. Amounts are summed over countries and split by device where the platform's reports are.
    Links of an ad carry one set of utm parameters. Raises KeyError for an unknown adapter.
    """
    with duckdb.connect() as connection:
        connection.register("contract", spend)
        connection.execute(_ads(PLATFORMS[adapter]))
        connection.execute(_days(PLATFORMS[adapter]))
        return {
            f"{adapter}.{table}": connection.sql(query).to_arrow_table()
            for table, query in _QUERIES[adapter].items()
        }


def _ads(platform: str) -> str:
    """One row per ad; an account for each currency."""
    tags = (
        f"'utm_{name}=' || url_encode(any_value(utm_{name}))"
        for name in ("source", "medium", "campaign")
    )
    return f"""
        create temp table ads as
        select
            'account-' || currency as account_id, currency, campaign_id, ad_group_id, ad_id,
            any_value(campaign_name) as campaign_name, concat_ws('&', {", ".join(tags)}) as tags
        from contract where platform = '{platform}' group by all
    """


def _days(platform: str) -> str:
    """One row per ad, day and device; the amounts of both devices add up exactly."""
    sums = ", ".join(f"sum(cast({name} as {kind})) as {name}" for name, kind in _TYPES.items())
    parts = ", ".join(
        f"cast(case when is_mobile then round({name} * {_MOBILE_SHARE}, {digits})"
        f" else {name} - round({name} * {_MOBILE_SHARE}, {digits}) end as {kind}) as {name}"
        for name, kind in _TYPES.items()
        for digits in [0 if kind == "bigint" else 4]
    )
    return f"""
        create temp table days as
        select
            account_id, currency, campaign_id, ad_group_id, ad_id, spend_date,
            case when is_mobile then 'MOBILE' else 'DESKTOP' end as device, {parts}
        from (
            select
                'account-' || currency as account_id, currency, campaign_id, ad_group_id, ad_id,
                spend_date, {sums}
            from contract where platform = '{platform}' group by all
        ), (values (true), (false)) as devices(is_mobile)
    """


def _reports(day: str, amounts: Mapping[str, str], tables: Mapping[str, str]) -> Queries:
    """Reports with the columns of a day, the ids of their level and the summed amounts."""
    summed = ", ".join(f"sum({amount}) as {name}" for name, amount in amounts.items())
    return {
        table: f"select {', '.join(filter(None, (day, ids, summed)))} from days group by all"
        for table, ids in tables.items()
    }


def _histories(changed: str, tables: Mapping[str, str]) -> Queries:
    """One version of each thing, changed before the first day."""
    return {
        table: f"select distinct {columns}, '{_CHANGED_AT}' as {changed} from ads"
        for table, columns in tables.items()
    }


def _actions(report: str, key: str) -> Queries:
    """Purchases under three types of action that all mean the same ones."""
    types = "(values ('omni_purchase'), ('purchase'), ('offsite_conversion.fb_pixel_purchase'))"
    return {
        f"{report}_{ending}": f"select {key}, spend_date as date, action_type,"
        f" sum({amount}) as value from days, {types} as types(action_type) group by all"
        for ending, amount in (
            ("actions", "platform_conversions"),
            ("action_values", "platform_value"),
        )
    }


_QUERIES: Mapping[str, Queries] = {
    "google_ads": {
        **_reports(
            "account_id as customer_id, spend_date as date, device, 'SEARCH' as ad_network_type",
            {
                "impressions": "impressions",
                "clicks": "clicks",
                "cost_micros": "cast(spend * 1000000 as bigint)",
                "conversions": "platform_conversions",
                "conversions_value": "platform_value",
            },
            {
                "account_stats": "",
                "campaign_stats": "campaign_id as id",
                "ad_group_stats": "campaign_id, ad_group_id as id",
                "ad_stats": "campaign_id, ad_group_id, ad_id",
            },
        ),
        **_histories(
            "updated_at",
            {
                "account_history": "account_id as id, currency as currency_code",
                "campaign_history": "campaign_id as id, account_id as customer_id,"
                " campaign_name as name",
                "ad_group_history": "ad_group_id as id, campaign_id",
                "ad_history": f"ad_id as id, ad_group_id, '[' || {_LINK} || ']' as final_urls",
            },
        ),
    },
    "facebook_ads": {
        **_reports(
            "account_id, spend_date as date",
            {"impressions": "impressions", "inline_link_clicks": "clicks", "spend": "spend"},
            {
                "basic_campaign": "campaign_id",
                "basic_ad_set": "ad_group_id as adset_id",
                "basic_ad": "ad_id",
            },
        ),
        **_actions("basic_campaign", "campaign_id"),
        **_actions("basic_ad_set", "ad_group_id as adset_id"),
        **_actions("basic_ad", "ad_id"),
        **_histories(
            "_fivetran_synced",
            {
                "account_history": "account_id as id, currency",
                "creative_history": "'c' || ad_id as id, tags as url_tags",
            },
        ),
        **_histories(
            "updated_time",
            {
                "campaign_history": "campaign_id as id, account_id, campaign_name as name",
                "ad_set_history": "ad_group_id as id, campaign_id, account_id",
                "ad_history": "ad_id as id, ad_group_id as ad_set_id, campaign_id, account_id,"
                " 'c' || ad_id as creative_id",
            },
        ),
    },
    "microsoft_ads": {
        **_reports(
            "account_id, spend_date as date, device as device_type, currency as currency_code",
            {
                "impressions": "impressions",
                "clicks": "clicks",
                "spend": "spend",
                "conversions_qualified": "platform_conversions",
                "revenue": "platform_value",
            },
            {
                "account_performance_daily_report": "",
                "campaign_performance_daily_report": "campaign_id",
                "ad_group_performance_daily_report": "campaign_id, ad_group_id",
                "ad_performance_daily_report": "campaign_id, ad_group_id, ad_id",
            },
        ),
        **_histories("last_modified_time", {"account_history": "account_id as id"}),
        **_histories(
            "modified_time",
            {
                "campaign_history": "campaign_id as id, account_id, campaign_name as name",
                "ad_group_history": "ad_group_id as id, campaign_id",
                "ad_history": f"ad_id as id, ad_group_id, {_LINK} as final_url",
            },
        ),
    },
    "tiktok_ads": {
        **_reports(
            "spend_date || ' 0:00:00' as stat_time_day",
            {
                "impressions": "impressions",
                "clicks": "clicks",
                "spend": "spend",
                "conversion": "platform_conversions",
                "total_purchase_value": "platform_value",
            },
            {
                "campaign_report_daily": "campaign_id",
                "adgroup_report_daily": "ad_group_id as adgroup_id",
                "ad_report_daily": "ad_id",
            },
        ),
        **_histories("_fivetran_synced", {"advertiser": "account_id as id, currency"}),
        **_histories(
            "updated_at",
            {
                "campaign_history": "campaign_id, account_id as advertiser_id, campaign_name",
                "adgroup_history": "ad_group_id as adgroup_id, campaign_id,"
                " account_id as advertiser_id",
                "ad_history": "ad_id, ad_group_id as adgroup_id, campaign_id,"
                f" account_id as advertiser_id, {_LINK} as landing_page_url",
            },
        ),
    },
}
