-- Experiments whose units do not fit the planned shares, all dates.
select distinct coalesce(experiment_name, experiment_id) as experiment
from rpt_experiment_results
where has_srm
order by experiment
