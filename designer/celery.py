"""Celery: two queues that never share workers. `turns` takes what callers wait for, `effects` asks the outside.

Messages hold ids only. Nothing is kept in a result backend, nothing is delayed or scheduled by the broker: rows say
what is due, and the sweeper looks at them.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "designer.settings")

QUEUES = ("turns", "effects")

MEMORY = {"polling_interval": 0.01}  # the default of a second would be heard by every caller
REDIS = {
    "visibility_timeout": 60,  # no task may run longer than 30 s
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


def transport_options(broker: str) -> dict[str, Any]:
    """What each kind of broker needs; RabbitMQ needs nothing."""
    if broker.startswith("memory:"):
        return MEMORY
    return REDIS if broker.startswith(("redis:", "rediss:", "unix:")) else {}


def make(queues: tuple[str, ...] = QUEUES) -> Celery:
    """A Celery app whose workers consume these queues."""
    from django.conf import settings

    made = Celery("callplans", set_as_current=False)
    made.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        broker_transport_options=transport_options(settings.CELERY_BROKER_URL),
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.1},
        task_queues=[Queue(name) for name in queues],
        task_default_queue="turns",
        task_routes={
            "callplans.take_turn": {"queue": "turns"},
            "callplans.run_effect": {"queue": "effects"},
        },
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=8,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        enable_utc=True,
    )
    made.autodiscover_tasks(["callplans"])
    return made


app = make()
app.set_default()
