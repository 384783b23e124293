"""Workflows that tests have executed: what a person would draw in Lightning's editor."""

import uuid
from typing import Any

TRIGGER = "00000000-0000-4000-8000-000000000001"
JOB = "00000000-0000-4000-8000-000000000002"


def waiting(seconds: float) -> dict:
    """One job that needs no adaptor and gives its input on after a while."""
    body = f"export default [(state) => new Promise((done) => setTimeout(() => done(state), {seconds * 1000}))];"
    edge = {"id": str(uuid.uuid4()), "source_trigger_id": TRIGGER, "target_job_id": JOB, "condition": "always", "enabled": True}
    return {"triggers": [{"id": TRIGGER}], "jobs": [{"id": JOB, "name": "wait", "body": body, "adaptor": None}], "edges": [edge]}


def workflow_of(document: Any) -> tuple[dict, Any]:
    """Workflow and input of {jobs, edges, triggers, credentials, dataclip}; all but the jobs can be left out."""
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), list) or not document["jobs"]:
        raise ValueError("jobs must be a list with something in it")
    for job in document["jobs"]:
        if not isinstance(job, dict) or not {"id", "body"} <= job.keys():
            raise ValueError("each job needs id and body")
        uuid.UUID(job["id"])
    workflow = {name: value for name, value in document.items() if name != "dataclip"}
    return workflow, document.get("dataclip")
