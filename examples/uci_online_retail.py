"""Map UCI's "Online Retail" (2010-12 to 2011-12) onto the contract: orders, lines and refunds.

    python examples/uci_online_retail.py online_retail_2010_2011.parquet data/uci

writes three Parquet files; land them with the commands that it prints. One row of the input is one
line of an invoice, and every line goes to exactly one of the files:

- an invoice that begins with C is a cancellation: its lines are refunds, on their own day. They do
  not say which order they undo, so the invoice stands for the order;
- every other line is an order line. An invoice with at least one line of a positive quantity and
  price is an order. What is left over (stock corrections with a negative quantity, "adjust bad
  debt") is rejected by the warehouse, with its reason.
"""

import sys
from pathlib import Path

import duckdb

MAPPINGS = {
    "shop.orders": """
        select
            InvoiceNo as order_id,
            min(InvoiceDate) as ordered_at,
            max(cast(cast(CustomerID as bigint) as varchar)) as customer_id,
            'GBP' as currency,
            sum(cast(round(Quantity * UnitPrice, 2) as decimal(18, 2)))
                filter (where Quantity > 0 and UnitPrice > 0) as total,
            max(Country) as country
        from invoice_lines
        where InvoiceNo not like 'C%' and InvoiceNo not like 'A%'
        group by InvoiceNo
        having bool_or(Quantity > 0 and UnitPrice > 0)
        order by order_id
    """,
    "shop.order_lines": """
        select
            line_number as order_line_id,
            InvoiceNo as order_id,
            StockCode as product_id,
            Description as title,
            Quantity as quantity,
            UnitPrice as unit_price
        from invoice_lines
        where InvoiceNo not like 'C%'
        order by line_number
    """,
    "shop.refunds": """
        select
            line_number as refund_line_id,
            InvoiceNo as refund_id,
            InvoiceNo as order_id,
            InvoiceDate as refunded_at,
            -Quantity as quantity,
            -Quantity * UnitPrice as amount
        from invoice_lines
        where InvoiceNo like 'C%'
        order by line_number
    """,
}


def write_mapped(raw_file: Path, folder: Path) -> dict[str, Path]:
    """Write one Parquet file per raw table into `folder`; returns the file of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute(
        "create view invoice_lines as select row_number() over () as line_number, *"
        f" from read_parquet('{raw_file}')"
    )
    files = {}
    for table, query in MAPPINGS.items():
        files[table] = folder / f"{table.split('.')[1]}.parquet"
        connection.execute(f"copy ({query}) to '{files[table]}' (format parquet)")
    return files


if __name__ == "__main__":
    for table, file in write_mapped(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"shoptrack land {table} {file}")
