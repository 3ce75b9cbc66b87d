"""Map the hopscotch shop log onto the contract: a log without event ids, pages or items.

    python examples/hopscotch.py ecom.csv.gz data/hopscotch

A log that has no id of its own gets one from its content, so that a row sent twice is one event.
"""

import sys
from pathlib import Path

import duckdb

EVENTS = """
    select
        md5(concat_ws('|', user_id, session_id, event, timestamp, platform)) as event_id,
        timestamp as event_at,
        case event
            when 'product_view' then 'view_item'
            when 'cart' then 'view_cart'
            when 'add_to_cart' then 'add_to_cart'
            when 'shipping_details' then 'add_shipping_info'
            when 'payment_details' then 'add_payment_info'
            when 'purchase' then 'purchase'
            else 'page_view'
        end as event_name,
        concat('/', event) as page_url,
        user_id as visitor_id,
        session_id as session_key,
        platform as device_category,
        case acquisition_channel
            when 'paid_search' then 'cpc'
            when 'direct' then null
            else acquisition_channel
        end as utm_medium
    from read_csv('{raw_file}', all_varchar = true)
"""


def write_mapped(raw_file: Path, folder: Path) -> dict[str, Path]:
    """Write the events as one Parquet file into `folder`; returns the file of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "events.parquet"
    query = EVENTS.format(raw_file=raw_file)
    duckdb.connect().execute(f"copy ({query}) to '{file}' (format parquet)")
    return {"web.events": file}


if __name__ == "__main__":
    for table, file in write_mapped(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"shoptrack land {table} {file}")
