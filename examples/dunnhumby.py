"""Map dunnhumby's "The Complete Journey" onto the contract: baskets, products, people, campaigns.

    python examples/dunnhumby.py dunnhumby/ data/dunnhumby

The first argument is a folder with transactions, products, demographics, campaigns,
campaign_descriptions and coupon_redemptions as Parquet. A basket is an order, a household is a
customer, a mailing of a campaign is a message, and an order in which a household redeemed a coupon
carries the name of the coupon's campaign.

- The times are UTC and the stores lie in the east of the USA: build with store_timezone
  America/New_York, or the last evening falls into the next year.
- The price is what the shelf says: what the shop received and what it gave away itself (the loyalty
  card and its own match of a coupon). A maker's coupon is money that the shop received.
- Fuel and other goods by measure have quantities in thousandths: such a line is one unit.
- A product that sold in nearly every week has the price that it sold at; of others too few are
  known. Households that got a campaign are taken to accept marketing.
- A line without a quantity (a coupon or a correction) is rejected, with its reason.
"""

import sys
from pathlib import Path

import duckdb

MEASURED_FROM = 100  # units; no basket holds as many pieces of one product but one of corn

LINES = f"""
    create view lines as
    select
        *,
        concat(basket_id, '-', product_id) as order_line_id,
        cast(round(retail_disc + coupon_match_disc, 2) as decimal(18, 2)) as discount,
        cast(round(sales_value, 2) as decimal(18, 2)) as received,
        case when quantity >= {MEASURED_FROM} then 1 else quantity end as units
    from transactions
"""

REDEEMED = """
    create view redeemed as
    with baskets as (
        select
            basket_id,
            household_id,
            cast(timezone('America/New_York', transaction_timestamp at time zone 'UTC') as date)
                as day,
            sum(coupon_disc) as coupon_disc
        from transactions
        group by all
    )
    select baskets.basket_id, min(coupon_redemptions.campaign_id) as campaign_id
    from baskets
        inner join coupon_redemptions
            on baskets.household_id = coupon_redemptions.household_id
            and baskets.day = cast(coupon_redemptions.redemption_date as date)
    where baskets.coupon_disc > 0
    group by baskets.basket_id
"""

MAPPINGS = {
    "shop.orders": """
        select
            lines.basket_id as order_id,
            min(lines.transaction_timestamp) as ordered_at,
            min(lines.household_id) as customer_id,
            'USD' as currency,
            sum(lines.received) as total,
            min('campaign ' || redeemed.campaign_id) as coupon
        from lines left join redeemed using (basket_id)
        group by lines.basket_id
        order by order_id
    """,
    "shop.order_lines": """
        select
            order_line_id,
            basket_id as order_id,
            product_id,
            units as quantity,
            round((received + discount) / nullif(units, 0), 4) as unit_price,
            discount as discount_allocated
        from lines
        order by order_line_id
    """,
    "shop.customers": """
        select
            household_id as customer_id,
            'US' as country,
            max(age) as age_bracket,
            max(income) as income_bracket,
            max(household_size) as household_size,
            household_id in (select campaigns.household_id from campaigns) as accepts_marketing
        from (select distinct household_id from transactions)
            left join demographics using (household_id)
        group by household_id
        order by customer_id
    """,
    "shop.products": """
        select
            product_id as variant_id,
            product_id,
            concat_ws(', ', product_type, package_size) as title,
            brand,
            product_category as category,
            'maker ' || manufacturer_id as supplier
        from products
        order by variant_id
    """,
    "shop.product_prices": """
        with weeks as (
            select
                product_id,
                date_trunc('week', transaction_timestamp) as valid_from,
                median(received / units) as price,
                median((received + discount) / units) as compare_at_price,
                count(*) over (partition by product_id) as weeks
            from lines
            where units > 0 and received > 0
            group by product_id, date_trunc('week', transaction_timestamp)
        )
        select
            product_id as variant_id,
            valid_from,
            round(price, 2) as price,
            round(nullif(compare_at_price, price), 2) as compare_at_price,
            'USD' as currency
        from weeks
        where weeks >= 40
        order by variant_id, valid_from
    """,
    "shop.messages": """
        select
            'campaign ' || campaign_id || ' to ' || household_id as message_id,
            campaign_type as kind,
            household_id as person_key,
            'campaign ' || campaign_id as campaign,
            timezone('UTC', timezone('America/New_York', start_date)) as sent_at
        from campaigns inner join campaign_descriptions using (campaign_id)
        order by message_id
    """,
}
RAW_TABLES = (
    *("transactions", "products", "demographics"),
    *("campaigns", "campaign_descriptions", "coupon_redemptions"),
)


def write_mapped(raw_folder: Path, folder: Path) -> dict[str, Path]:
    """Write one Parquet file per raw table into `folder`; returns the file of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for name in RAW_TABLES:
        connection.read_parquet(str(raw_folder / f"{name}.parquet")).create_view(name)
    for view in (LINES, REDEEMED):
        connection.execute(view)
    files = {}
    for table, query in MAPPINGS.items():
        files[table] = folder / f"{table.split('.')[1]}.parquet"
        connection.execute(f"copy ({query}) to '{files[table]}' (format parquet)")
    return files


if __name__ == "__main__":
    for table, file in write_mapped(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"shoptrack land {table} {file}")
