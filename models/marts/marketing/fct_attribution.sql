{{ config(materialized='view') }}
-- A view: rows are many, and most of what one says is said of its conversion, touch and source.

select
    conversions.conversion_id,
    touches.session_id,
    valued.attribution_model,
    conversions.order_id,
    conversions.person_id,
    conversions.conversion_date,
    valued.touch_number,
    sources.channel,
    sources.source,
    sources.medium,
    sources.campaign,
    valued.credit,
    valued.attributed_revenue
from {{ ref('int_touches_valued') }} as valued
    inner join {{ ref('int_conversions_valued') }} as conversions
        on valued.conversion_number = conversions.conversion_number
    inner join {{ ref('int_journey_touches') }} as touches
        on
            valued.conversion_number = touches.conversion_number
            and valued.touch_number = touches.touch_number
    inner join {{ ref('int_sources_numbered') }} as sources
        on touches.source_number = sources.source_number
