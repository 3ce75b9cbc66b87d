"""Map the CDNOW 1/10 sample onto the contract: one order with one line per purchase.

    python examples/cdnow.py CDNOW_sample.txt.gz data/cdnow

The file has fixed columns: customer id, id in the sample, date, number of CDs, dollars. The dollars
are the order's, so a line sells "one order" at that price and names the number of CDs in its title.
"""

import sys
from pathlib import Path

import duckdb

PURCHASES = """
    create view purchases as
    select
        row_number() over () as order_id,
        fields[2] as customer_id,
        strptime(fields[3], '%Y%m%d') as ordered_at,
        fields[4] as cds,
        cast(fields[5] as decimal(18, 2)) as dollars
    from (
        select regexp_split_to_array(trim(line), ' +') as fields
        from read_csv('{raw_file}', columns = {{'line': 'varchar'}}, header = false, delim = '\t')
    )
"""

MAPPINGS = {
    "shop.orders": """
        select order_id, ordered_at, customer_id, 'USD' as currency, dollars as total
        from purchases
        order by order_id
    """,
    "shop.order_lines": """
        select
            order_id as order_line_id,
            order_id,
            'CDS' as product_id,
            concat(cds, ' CDs') as title,
            1 as quantity,
            dollars as unit_price
        from purchases
        order by order_id
    """,
}


def write_mapped(raw_file: Path, folder: Path) -> dict[str, Path]:
    """Write one Parquet file per raw table into `folder`; returns the file of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute(PURCHASES.format(raw_file=raw_file))
    files = {}
    for table, query in MAPPINGS.items():
        files[table] = folder / f"{table.split('.')[1]}.parquet"
        connection.execute(f"copy ({query}) to '{files[table]}' (format parquet)")
    return files


if __name__ == "__main__":
    for table, file in write_mapped(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"shoptrack land {table} {file}")
