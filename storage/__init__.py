"""The memory: facts saved idempotently, decisions appended, effects queued. Only this room speaks SQL."""
