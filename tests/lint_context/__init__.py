"""What the linter shows for the parts of dbt's context that exist only while dbt runs.

sqlfluff renders models with Jinja alone, so that linting needs no warehouse and never locks one.
Engine and incremental macros, which ask the adapter, the graph or the warehouse, stand here as SQL
of the same shape; what is shown for them need not run.
"""

from __future__ import annotations

from collections.abc import Callable

execute = False
invocation_id = "an invocation"


class _Dbt:
    """dbt's cross-engine macros: types as types, all else as a call of the same name."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("type_"):
            return lambda: "varchar"
        return lambda *arguments: _call(name, *arguments)


dbt = _Dbt()


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(str(argument) for argument in arguments)})"


def to_utc(column: str) -> str:
    """Show macros/engine/to_utc.sql as a call."""
    return _call("to_utc", column)


def store_date(timestamp_column: str) -> str:
    """Show macros/engine/store_date.sql as a call."""
    return _call("store_date", timestamp_column)


def seconds_between(earlier: str, later: str) -> str:
    """Show macros/engine/seconds_between.sql as a call."""
    return _call("seconds_between", earlier, later)


def is_json(column: str) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("is_json", column)


def keyed_hash(text: str) -> str:
    """Show macros/engine/keyed_hash.sql as a call."""
    return _call("keyed_hash", text)


def email_hash(column: str) -> str:
    """Show macros/engine/keyed_hash.sql as a call."""
    return _call("email_hash", column)


def phone_hash(column: str) -> str:
    """Show macros/engine/keyed_hash.sql as a call."""
    return _call("phone_hash", column)


def known_customer(column: str) -> str:
    """Show macros/staging/known_customer.sql as a call."""
    return _call("known_customer", column)


def json_text(column: str, path: str) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("json_text", column, f"'{path}'")


def json_sum(column: str, path: str) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("json_sum", column, f"'{path}'")


def json_attribute(column: str, name: str) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("json_attribute", column, f"'{name}'")


def exploded_json(relation: str, columns: list[str], json_column: str, fields: list[str]) -> str:
    """Show macros/engine/json.sql as a query."""
    return f"select {', '.join([*columns, *fields])}, position from {relation}"


def order_rejection_reason() -> str:
    """Show macros/sales/order_rejection_reason.sql as a call."""
    return _call("rejection_reason", "orders")


def order_line_rejection_reason() -> str:
    """Show macros/sales/order_rejection_reason.sql as a call."""
    return _call("rejection_reason", "order_lines")


def amount_less(column: str, less: str, data_type: str = "decimal(18, 4)") -> str:
    """Show macros/sales/shopify_amounts.sql as a call."""
    return _call("amount_less", column, less)


def shopify_discount(lines_value: str, less: str = "0") -> str:
    """Show macros/sales/shopify_amounts.sql as a call."""
    return _call("shopify_discount", lines_value, less)


def shopify_product_id(title: str) -> str:
    """Show macros/sales/shopify_amounts.sql as a call."""
    return _call("shopify_product_id", title)


def share_so_far(amount: str, net_so_far: str) -> str:
    """Show macros/sales/shopify_amounts.sql as a call."""
    return _call("share_so_far", amount, net_so_far)


def row_as_json(alias: str, withheld: list[str] | None = None) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("row_as_json", alias)


def columns_as_json(columns: list[str]) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("columns_as_json", *columns)


def last_known(column: str, partition_by: list[str], order_by: list[str]) -> str:
    """Show macros/engine/last_known.sql as a window function."""
    window = f"partition by {', '.join(partition_by)} order by {', '.join(order_by)}"
    return f"last_value({column} ignore nulls) over ({window})"


def is_consented() -> str:
    """Show macros/privacy/consent.sql as a call."""
    return _call("is_consented", "consent_analytics")


def shown_column(column: str) -> str:
    """Show macros/privacy/consent.sql as a call."""
    return _call("shown_column", column, "is_consented")


def withheld_hash(text: str) -> str:
    """Show macros/privacy/consent.sql as a call."""
    return _call("withheld_hash", text)


def is_withheld(column: str) -> str:
    """Show macros/privacy/consent.sql as a condition."""
    return f"{column} like 'withheld-%'"


def orders_by_transaction(model_name: str = "int_orders_latest") -> str:
    """Show macros/privacy/consent.sql as a query."""
    return f"select *, order_id as transaction_id from {model_name}"


def tidy_json(column: str) -> str:
    """Show macros/engine/json.sql as a call."""
    return _call("tidy_json", column)


def json_object(column: str, fields: list[object]) -> str:
    """Show macros/engine/json_values.sql as a call."""
    return _call("json_object", column)


def field_of(struct: str, field: str) -> str:
    """Show macros/engine/json_values.sql as a call."""
    return _call("field_of", struct, f"'{field}'")


def keyed_values(column: str) -> str:
    """Show macros/engine/keyed_values.sql as a call."""
    return _call("keyed_values", column)


def value_of_key(keyed: str, name: str) -> str:
    """Show macros/engine/keyed_values.sql as a call."""
    return _call("value_of_key", keyed, f"'{name}'")


def ga4_items(column: str) -> str:
    """Show macros/engine/ga4_items.sql as a call."""
    return _call("ga4_items", column)


def ga4_event_id() -> str:
    """Show macros/ga4/ga4_columns.sql as a call."""
    return _call("ga4_event_id")


def ga4_consent(column: str) -> str:
    """Show macros/ga4/ga4_columns.sql as a call."""
    return _call("ga4_consent", column)


def ga4_language(column: str) -> str:
    """Show macros/ga4/ga4_columns.sql as a call."""
    return _call("ga4_language", column)


def microseconds_as_text(column: str) -> str:
    """Show macros/engine/microseconds_as_text.sql as a call."""
    return _call("microseconds_as_text", column)


def query_parameter(url: str, name: str) -> str:
    """Show macros/staging/query_parameter.sql as a call."""
    return _call("query_parameter", url, f"'{name}'")


def json_fields(column: str, fields: object) -> str:
    """Show macros/engine/json_fields.sql as a call."""
    return _call("json_fields", column)


def parsed_once(expression: str) -> str:
    """Show macros/engine/json_fields.sql as a call."""
    return _call("parsed_once", expression)


def row_as_struct(alias: str) -> str:
    """Show macros/engine/json_fields.sql as a call."""
    return _call("row_as_struct", alias)


def json_items(column: str, fields: dict[str, list[str]]) -> str:
    """Show macros/engine/json_items.sql as a call."""
    return _call("json_items", column)


def items_value(items: str) -> str:
    """Show macros/engine/json_items.sql as a call."""
    return _call("items_value", items)


def single_item(fields: dict[str, str]) -> str:
    """Show macros/engine/json_items.sql as a call."""
    return _call("single_item", *fields.values())


def entities_of(contexts: str, schema: str) -> str:
    """Show macros/engine/entities.sql as a call."""
    return _call("entities_of", contexts, f"'{schema}'")


def entity_fields() -> dict[str, str]:
    """Show macros/engine/entities.sql as fields."""
    return {}


def consent_pattern(purpose: str) -> str:
    """Show macros/staging/consent_pattern.sql as a text."""
    return purpose


def browser_of(user_agent: str) -> str:
    """Show macros/staging/browser_of.sql as a call."""
    return _call("browser_of", user_agent)


def segment_event_name() -> str:
    """Show macros/staging/segment_event_name.sql as a call."""
    return _call("segment_event_name", "event")


def snowplow_event_name() -> str:
    """Show macros/staging/snowplow_event_name.sql as a call."""
    return _call("snowplow_event_name", "event")


def landed(source_name: str, table_name: str) -> str:
    """Show macros/engine/landed.sql as a table."""
    return f"{source_name}_{table_name}"


def landed_paths() -> str:
    """Show macros/engine/landed.sql as a query."""
    return "select path from landed_paths"


def number_series(last: int) -> str:
    """Show macros/engine/number_series.sql as a query."""
    return "select number from number_series"


def joined_text(column: str, separator: str, order_by: str) -> str:
    """Show macros/engine/joined_text.sql as a call."""
    return _call("string_agg", column, f"'{separator}'")


def attribution_models() -> str:
    """Show macros/marketing/attribution_models.sql as a query."""
    return "select attribution_model from attribution_models"


def exploded_items(relation: str, columns: list[str]) -> str:
    """Show macros/engine/exploded_items.sql as a query."""
    return f"select {', '.join(columns)}, item_id, price, quantity from {relation}"


def rejection_reason(
    raw_table: list[str],
    rules: list[tuple[str, str]] | None = None,
    moments: dict[str, str] | None = None,
) -> str:
    """Show macros/staging/rejection_reason.sql as a call."""
    return _call("rejection_reason", raw_table[1])


def latest_rows(staging_model: str, keys: list[str], newest: str = "_loaded_at") -> str:
    """Show macros/staging/latest_rows.sql as a query."""
    return f"select * from {staging_model}"


def adapted(table_name: str, also: list[str] | None = None) -> str:
    """Show macros/staging/adapted.sql as if no adapter were on."""
    return ""


def adapters_of(table_name: str) -> list[str]:
    """Show macros/staging/adapted.sql as if no adapter were on."""
    return []


def tables_of_rows() -> list[tuple[str, str, list[str]]]:
    """Show macros/staging/rejected_rows.sql as one table."""
    return [("shop", "orders", ["order_id"])]


def rejected_rows(source_name: str, table_name: str, keys: list[str], conditions: list[str]) -> str:
    """Show macros/staging/rejected_rows.sql as a query."""
    return f"select * from stg_{source_name}__{table_name} where rejection_reason is not null"


def files_to_add(raw_table: str, stored: str) -> str:
    """Show macros/incremental/add_files.sql as a list of literals."""
    return "'a file'"


def source_table_of(source_name: str, table_name: str) -> str:
    """Show macros/staging/adapted.sql as if no adapter were on."""
    return f"'{source_name}.{table_name}'"


def counted_by_another_tracker() -> str:
    """Show macros/staging/leading_trackers.sql as a call."""
    return _call("counted_by_another_tracker")


def is_event_table() -> str:
    """Show macros/staging/adapted.sql as a condition."""
    return "source_name = 'web' and table_name = 'events'"


def newest_history(source_name: str, table_name: str, key: str, updated_at: str) -> str:
    """Show macros/staging/newest_history.sql as a query."""
    return f"select * from {source_name}_{table_name}"


def ad_spend_rejection_reason() -> str:
    """Show macros/advertising/ad_spend_rejection_reason.sql as a call."""
    return _call("rejection_reason", "ad_spend")


def ad_spend_of_reports(source_name: str, accounts: str = "account_history") -> str:
    """Show macros/advertising/ad_spend_of_reports.sql as a query."""
    return f"select * from stg_{source_name}__reports"


def utm_parameter(links: str, name: str) -> str:
    """Show macros/advertising/utm_parameters.sql as a call."""
    return _call("utm_parameter", links, f"'{name}'")


def kept_state(model_name: str, definition_kept_in: str | None = None) -> str:
    """Show macros/incremental/should_full_refresh.sql as a table, so that increments are linted."""
    return f"stored_{model_name}"


def superseded_files() -> list[str]:
    """Show macros/incremental/superseded_files.sql as a list, so that increments are linted."""
    return ["a file"]


def kept_events() -> str:
    """Show macros/incremental/kept_events.sql as a table."""
    return "stored_events"


def rebuild_range() -> list[str]:
    """Show macros/incremental/rebuild_range.sql as a range, so that rebuilds are linted."""
    return ["1970-01-01", "1970-01-02"]


def in_rebuild_range(column: str) -> str:
    """Show macros/incremental/rebuild_range.sql as a condition."""
    return f"{column} = cast('1970-01-01' as date)"


def redone(relation: str) -> str:
    """Show macros/incremental/redo_keys.sql as the table itself."""
    return relation


def is_to_redo(is_stored: bool = False) -> str:
    """Show macros/incremental/redo_keys.sql as a condition."""
    return "session_date = cast('1970-01-01' as date)"


def first_and_last(relation: str, column: str, margin: str) -> list[str]:
    """Show macros/engine/first_and_last.sql as two literals."""
    return ["cast('1970-01-01' as timestamp)", "cast('1970-01-02' as timestamp)"]


def new_event_files() -> str:
    """Show macros/incremental/new_event_files.sql as a list of literals."""
    return "'a file'"


def files_of_beginnings(stored_events: str, boundaries: str) -> str:
    """Show macros/incremental/files_of_beginnings.sql as a list of literals."""
    return "'a file'"


def files_read_again() -> str:
    """Show macros/incremental/new_event_files.sql as a list of literals."""
    return "'a file'"


def file_ledger() -> str:
    """Show macros/incremental/new_event_files.sql as a table."""
    return "a_ledger"


def sql_list(values: list[str]) -> str:
    """Show macros/incremental/new_event_files.sql as a list of literals."""
    return "'a value'"


def definition_hash(model_name: str) -> str:
    """Show macros/incremental/definition_hash.sql as a text."""
    return "a hash"


def arrival_id() -> str:
    """Show macros/incremental as a text."""
    return "an arrival"


def note_arrival() -> str:
    """Show macros/incremental/arrival_id.sql as nothing: a hook."""
    return ""


def hash64(column: str) -> str:
    """Show macros/engine/hash64.sql as a call."""
    return _call("hash64", column)


def span_number(column: str, seconds: int) -> str:
    """Show macros/engine/span_number.sql as a call."""
    return _call("span_number", column, str(seconds))


def packed(columns: list[str]) -> str:
    """Show macros/engine/packed.sql as a call."""
    return _call("packed", *columns)


def parts_of(text: str) -> str:
    """Show macros/engine/packed.sql as a call."""
    return _call("parts_of", text)


def unpacked(parts: str, columns: list[str]) -> str:
    """Show macros/engine/packed.sql as columns."""
    return ", ".join(f"part({parts}, '{column}') as {column}" for column in columns)


def number_of(text: str) -> str:
    """Show macros/engine/number_of.sql as a call."""
    return _call("number_of", text)


def sort_key(columns: list[str]) -> str:
    """Show macros/engine/sort_key.sql as a call."""
    return _call("sort_key", *columns)


def check_common_arrival(relations: list[str]) -> str:
    """Show macros/incremental/arrival_id.sql as nothing: a check."""
    return ""


def traffic_parameters(url: str) -> str:
    """Show macros/engine/traffic_parameters.sql as a call."""
    return _call("traffic_parameters", url)


def url_decoded(column: str) -> str:
    """Show macros/engine/url_decoded.sql as a call."""
    return _call("url_decoded", column)


def landed_columns(stored: str) -> str:
    """Show macros/engine/landed.sql as a query."""
    return "select * from landed_columns"


def landed_row_counts(condition: str) -> str:
    """Show macros/engine/landed.sql as a query."""
    return "select path, row_count from landed_row_counts"


def matches(text: str, pattern: str) -> str:
    """Show macros/engine/matches.sql as a call."""
    return _call("matches", text, pattern)


def without_blank_before_zone(column: str) -> str:
    """Show macros/engine/matches.sql as a call."""
    return _call("without_blank_before_zone", column)


def last_not_null(column: str) -> str:
    """Show macros/engine/last_known.sql as a call, whose window follows."""
    return _call("last_value", column)


def not_among(columns: list[str], query: str) -> str:
    """Show macros/engine/not_among.sql as a condition."""
    return f"({', '.join(columns)}) not in ({query})"


def whole_number(text: str) -> str:
    """Show macros/engine/raw_values.sql as a call."""
    return _call("whole_number", text)


def true_or_false(text: str) -> str:
    """Show macros/engine/raw_values.sql as a call."""
    return _call("true_or_false", text)


def as_day(text: str) -> str:
    """Show macros/engine/raw_values.sql as a call."""
    return _call("as_day", text)
