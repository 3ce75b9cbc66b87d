"""Sensors that watch ended runs and tell people what went wrong."""

import dagster as dg

from orchestration.defs.alerting.alerts import (
    Alert,
    alert_of_checks,
    alert_of_failure,
    began_to_fail,
    evaluations_of,
    reason_of,
)
from orchestration.defs.alerting.notifiers import notifiers
from orchestration.settings import alert_webhook

_RUNNING = dg.DefaultSensorStatus.RUNNING


def send(context: dg.RunStatusSensorContext, alert: Alert) -> None:
    """Send an alert through every notifier; raises what the last failing one raised."""
    problem: Exception | None = None
    for notifier in notifiers(context.log, alert_webhook()):
        try:
            notifier.send(alert)
        except Exception as error:
            problem = error
    if problem:
        raise problem


@dg.run_failure_sensor(
    name="failure_alerts",
    default_status=_RUNNING,
    minimum_interval_seconds=10,
    description="Tells people about every run that failed, and which checks failed in it.",
)
def failure_alerts(context: dg.RunFailureSensorContext) -> None:
    """Send an alert for a failed run."""
    failures = [event.step_failure_data for event in context.get_step_failure_events()]
    reasons = [reason_of(failure) for failure in failures]
    checks = evaluations_of(context.instance, context.dagster_run.run_id)
    reasons = reasons or [context.failure_event.message or ""]
    send(context, alert_of_failure(context.dagster_run, reasons, checks))


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="check_alerts",
    default_status=_RUNNING,
    minimum_interval_seconds=10,
    description="Tells people about checks that began to fail in a run that went well: warnings,"
    " late data, refused files. Says nothing again while they keep failing.",
)
def check_alerts(context: dg.RunStatusSensorContext) -> None:
    """Send an alert for checks that began to fail."""
    run_id = context.dagster_run.run_id
    checks = evaluations_of(context.instance, run_id)
    newly_failed = [check for check in checks if began_to_fail(context.instance, run_id, check)]
    alert = alert_of_checks(context.dagster_run, newly_failed)
    if alert:
        send(context, alert)
