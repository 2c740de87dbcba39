"""Statements that read the same in both dialects. Parameters are written :name."""

CALL_COLUMNS = (
    "{c}.id, {c}.account_id, {c}.plan_id, {c}.version_id, {c}.connection_id, {c}.from_trial_id, {c}.provider, "
    "{c}.provider_call_id, {c}.leg, {c}.clid, {c}.dialled, {c}.seq, {c}.last_event, {c}.awaits, {c}.key, {c}.state, "
    "{c}.memo, {c}.troubles, {c}.due_at, {c}.ended_at, {c}.end_reason, "
    "{c}.at_key, {c}.at_name"
)
CALL = CALL_COLUMNS.format(c="c")
TURN = "t.id, t.token, t.input, t.status, t.parts, t.next_token, t.attempt, t.heard_at, t.due_at"
EFFECT = "e.id, e.no, e.kind, e.status, e.answer, e.made_at, e.due_at"
CALL_WIDTH, TURN_WIDTH = 23, 9

# First hook of a call: whoever comes first makes the row; the answer webhook adds what an event could not know.
OPEN = f"""
INSERT INTO callplans_call (id, account_id, plan_id, version_id, connection_id, from_trial_id, trial, provider,
  provider_call_id, leg, clid, dialled, seq, last_event, awaits, key, status, status_rank, troubles, due_at, at_key,
  at_name, started_at, end_reason)
VALUES (:id, :account, :plan, :version, :connection, :from_trial, :trial, :provider, :provider_call_id, :leg, :clid,
  :dialled, 0, 0, 'start', :key, '', 0, 0, :due, '', '', :started_at, '')
ON CONFLICT (account_id, provider, provider_call_id) DO UPDATE SET
  plan_id = COALESCE(callplans_call.plan_id, excluded.plan_id),
  version_id = COALESCE(callplans_call.version_id, excluded.version_id),
  clid = COALESCE(callplans_call.clid, excluded.clid),
  dialled = CASE WHEN callplans_call.dialled = '' THEN excluded.dialled ELSE callplans_call.dialled END,
  leg = CASE WHEN callplans_call.version_id IS NULL THEN excluded.leg ELSE callplans_call.leg END,
  trial = CASE WHEN callplans_call.version_id IS NULL THEN excluded.trial ELSE callplans_call.trial END
RETURNING {CALL_COLUMNS.format(c="callplans_call")}"""  # noqa: S608  # own constants

FIND = f"""
SELECT {CALL} FROM callplans_call c
WHERE c.account_id = :account AND c.provider = :provider AND c.provider_call_id = :provider_call_id"""  # noqa: S608  # own constants

# Call, turn and the awaited effect in one read, outside any transaction.
READ_TOKEN = f"""
SELECT {CALL}, {TURN}, {EFFECT} FROM callplans_call c
LEFT JOIN callplans_turn t ON t.call_id = c.id AND t.token = :token
LEFT JOIN callplans_effect e ON e.turn_id = t.id AND c.awaits = 'effect:' || e.no
WHERE c.id = :call"""  # noqa: S608  # own constants

READ_TURN = f"""
SELECT {CALL}, {TURN}, {EFFECT} FROM callplans_turn t JOIN callplans_call c ON c.id = t.call_id
LEFT JOIN callplans_effect e ON e.turn_id = t.id AND c.awaits = 'effect:' || e.no
WHERE t.id = :turn"""  # noqa: S608  # own constants

# One row whoever comes first; the second waits for it and sees it (DO NOTHING would give it nothing).
HEAR = """
INSERT INTO callplans_turn (id, call_id, token, input, status, next_token, attempt, copies, heard_at, due_at)
SELECT CAST(:turn AS {uuid}), c.id, CAST(:token AS text), CASE WHEN c.awaits = :token THEN CAST(:input AS text) END,
  CASE WHEN c.awaits = :token THEN 'new' ELSE 'late' END, '', 0, 0, :now, CASE WHEN c.awaits = :token THEN :due END
FROM callplans_call c WHERE c.id = :call
ON CONFLICT (call_id, token) DO UPDATE SET copies = callplans_turn.copies + 1 RETURNING id, status"""

COUNT_ATTEMPT = """
UPDATE callplans_turn SET attempt = attempt + 1, due_at = :due WHERE id = :turn AND status = 'new' RETURNING attempt"""

DROP = "UPDATE callplans_turn SET status = 'dropped', due_at = NULL WHERE id = :turn AND status = 'new' RETURNING id"

# The claim asks the call whether the effect is still wanted.
WANTED = """EXISTS (SELECT 1 FROM callplans_call c WHERE c.id = callplans_effect.call_id
  AND (NOT callplans_effect.awaited OR c.awaits = 'effect:' || callplans_effect.no))"""

CLAIM = f"""
UPDATE callplans_effect SET status = 'running', attempt = attempt + 1, began_at = :now, due_at = :now + seconds
WHERE id = :effect AND status = 'new' AND {WANTED}
RETURNING id, call_id, turn_id, no, kind, attempt, request, due_at"""  # noqa: S608  # own constants

# Not wanted any more: cancelled if it was never attempted, else lost. Only awaited ones; the others run to the end.
CANCEL = f"""
UPDATE callplans_effect SET status = CASE WHEN attempt = 0 THEN 'cancelled' ELSE 'lost' END
WHERE id = :effect AND status = 'new' AND awaited AND NOT {WANTED} RETURNING id"""  # noqa: S608  # own constants

LATE_ANSWER = "UPDATE callplans_effect SET late_answer = :answer WHERE id = :effect RETURNING id"

# What has begun begins again only if it may be repeated.
REQUEUE = f"""
UPDATE callplans_effect SET status = 'new', made_at = :now, due_at = :now + seconds
WHERE id = :effect AND status = 'running' AND repeatable AND attempt < :most AND due_at <= :before AND {WANTED}
RETURNING id"""  # noqa: S608  # own constants

NEXT_NUMBER = """
INSERT INTO callplans_counter (name, value) VALUES (:name, 0)
ON CONFLICT (name) DO UPDATE SET value = callplans_counter.value + 1 RETURNING value"""

REFUSE = """
INSERT INTO callplans_refusal (provider, line, reason, day, count) VALUES (:provider, :line, :reason, :day, 1)
ON CONFLICT (day, provider, line, reason) DO UPDATE SET count = callplans_refusal.count + 1 RETURNING count"""

# The call's own key goes when nothing is left to be done with it. Who awaits nothing has no turn that waits.
FORGET = """
UPDATE callplans_call SET key = NULL, state = NULL, memo = NULL
WHERE id = :call AND key IS NOT NULL AND ended_at IS NOT NULL AND awaits = ''
  AND NOT EXISTS (SELECT 1 FROM callplans_turn t WHERE t.call_id = :call AND t.status = 'new')
  AND NOT EXISTS (SELECT 1 FROM callplans_effect e WHERE e.call_id = :call AND e.status IN ('new', 'running'))
RETURNING id"""

LEASE = """
INSERT INTO callplans_lease (name, holder, until) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE callplans_lease.until < :now OR callplans_lease.holder = excluded.holder RETURNING holder"""

# `due_at` stays as it is: it tells those who wait for the turn that they may take it themselves.
STALE_TURNS = """
SELECT id FROM callplans_turn WHERE status = 'new' AND due_at < :now AND (swept_at IS NULL OR swept_at < :before)
ORDER BY due_at LIMIT :most"""
HAND_OUT = """
UPDATE callplans_turn SET swept_at = :now
WHERE id = :turn AND status = 'new' AND (swept_at IS NULL OR swept_at < :before) RETURNING id"""

STALE_EFFECTS = """
SELECT id, status, awaited FROM callplans_effect
WHERE (status = 'running' AND due_at < :late) OR (status = 'new' AND made_at < :untaken)
ORDER BY due_at LIMIT :most"""

SILENT_CALLS = """
SELECT c.id, c.awaits, c.troubles, c.started_at < :oldest FROM callplans_call c
WHERE c.ended_at IS NULL AND (c.due_at < :now OR c.started_at < :oldest) ORDER BY c.due_at LIMIT :most"""

WITH_KEY = """
SELECT id FROM callplans_call WHERE key IS NOT NULL AND ended_at < :before ORDER BY ended_at LIMIT :most"""

EVENTS_AFTER = """
SELECT no, at, kind, applet, data FROM callplans_event WHERE call_id = :call AND no > :after ORDER BY no LIMIT :most"""

CALL_BY_ID = f"SELECT {CALL} FROM callplans_call c WHERE c.id = :call"  # noqa: S608  # own constants
