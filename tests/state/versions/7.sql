BEGIN TRANSACTION;
CREATE TABLE api_tokens (
	id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	roles JSON NOT NULL, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	groups JSON DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "api_tokens" VALUES('1','hash','ana','it''s','["analyst"]','["read"]','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901',NULL,'2026-01-02 03:04:05.678901','[]');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	person TEXT NOT NULL, 
	via TEXT NOT NULL, 
	address TEXT NOT NULL, 
	action TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	datasets JSON NOT NULL, 
	rows BIGINT, 
	duration_s DOUBLE NOT NULL, 
	subject TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-01-02 03:04:05.678901','ana','cli','::1','query','done','prod','{"model.a": ["x", "y"]}',1099511627776,0.5,'mark');
CREATE TABLE builds (
	"key" TEXT NOT NULL, 
	node TEXT NOT NULL, 
	created_at DATETIME, 
	body JSON NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "builds" VALUES('k','model.a','2026-01-02 03:04:05.678901','{"node": "model.a", "relation": "s.a__k", "kind": "table", "versions": {"rows": "r", "columns": [["b", "2"], ["a", "1"]], "rest": "rest"}, "columns": [["x", "INTEGER"]], "inputs": ["i"], "created_at": "2026-01-02T03:04:05.678901", "began_s": 0.5, "duration_s": 1.5, "run_id": 7, "is_outside": false, "is_still": false}');
CREATE TABLE claims (
	"key" TEXT NOT NULL, 
	token TEXT NOT NULL, 
	is_making BOOLEAN NOT NULL, 
	PRIMARY KEY ("key", token)
);
CREATE TABLE definitions (
	id TEXT NOT NULL, 
	node TEXT NOT NULL, 
	sql TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "definitions" VALUES('5aeca7f67090f7f2','model.0','select 1','{}');
INSERT INTO "definitions" VALUES('16b7498cfe78fb34','model.1','select 1','{}');
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	incident INTEGER, 
	event TEXT NOT NULL, 
	route TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	severity TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	unheard INTEGER NOT NULL, 
	sent_at DATETIME, 
	error TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "deliveries" VALUES(1,1,'opened','r','c','waiting','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901','error',0,0,NULL,'','{"incident": {}}');
CREATE TABLE dryland_meta (
	version INTEGER NOT NULL
);
INSERT INTO "dryland_meta" VALUES(7);
CREATE TABLE environments (
	name TEXT NOT NULL, 
	live_release INTEGER, 
	base TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "environments" VALUES('prod',1,'','','2026-11-22 14:39:12.576847');
INSERT INTO "environments" VALUES('dev_ana',NULL,'prod','refused','2026-11-22 14:39:12.587573');
CREATE TABLE incident_events (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind TEXT NOT NULL, 
	who TEXT NOT NULL, 
	message TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "incident_events" VALUES(1,1,'2026-01-02 03:04:05.678901','opened','ana','said','{"a": 1}');
CREATE TABLE incidents (
	id INTEGER NOT NULL, 
	environment TEXT NOT NULL, 
	status TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	opened_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "incidents" VALUES(1,'prod','resolved','error','ana','model.a','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901','{"track": "data", "title": "t", "assignee": "", "hit": {"datasets": []}, "probably": {"what": "w"}, "tags": ["daily"], "merged_into": null, "muted_by": null, "symptoms": [{"dataset": "model.a", "kind": "check", "subject": "test.a", "severity": "error", "message": "it''s\n\"\u00fc\" \u8868", "first_at": "2026-01-02T03:04:05.678901", "last_at": "2026-01-02T03:04:05.678901", "times": 2, "since": "2026-01-02T03:04:05.678901", "are_readers_hit": true, "release": null, "run": null, "evidence": {"rows": [{"x": null}]}, "gone_at": null}]}');
CREATE TABLE leases (
	scope TEXT NOT NULL, 
	fence BIGINT NOT NULL, 
	token TEXT, 
	PRIMARY KEY (scope)
);
INSERT INTO "leases" VALUES('environment prod',1,NULL);
CREATE TABLE monitor_alerts (
	id TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	monitor TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	feedback TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "monitor_alerts" VALUES('4f350370c224e45c','prod','model.a','volume','2026-01-02 03:04:05.678901','','{"value": 3, "low": 5.5, "high": null}');
CREATE TABLE monitor_habits (
	environment TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	decided_by TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (environment, dataset)
);
INSERT INTO "monitor_habits" VALUES('prod','model.a','decided','{"series": [], "count": 1099511627776}');
CREATE TABLE mutes (
	id INTEGER NOT NULL, 
	environment TEXT NOT NULL, 
	selector TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "mutes" VALUES(1,'','tag:daily','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901','ana','move');
CREATE TABLE observations (
	id INTEGER NOT NULL, 
	environment TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	release INTEGER, 
	run INTEGER, 
	build_key TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "observations" VALUES(1,'prod','model.a','2026-01-02 03:04:05.678901',1,7,'k','{"rows": 3, "newest": null}');
CREATE TABLE places (
	target TEXT NOT NULL, 
	"database" TEXT NOT NULL, 
	"where" TEXT NOT NULL, 
	schema TEXT NOT NULL, 
	PRIMARY KEY (target)
);
INSERT INTO "places" VALUES('dev','db','db.duckdb','main');
CREATE TABLE pointers (
	id TEXT NOT NULL, 
	node TEXT NOT NULL, 
	build_key TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "pointers" VALUES('856328b8affe3ccf','model.0','k','{"node": "model.0", "build_key": "k", "published": ["db", "main", "model.0"], "code": {"rows": "c", "columns": [], "rest": ""}, "data": {"rows": "d", "columns": [], "rest": ""}, "definition": "5aeca7f67090f7f2", "stale_since": "", "stale_reason": "", "is_resting": false}');
INSERT INTO "pointers" VALUES('534fbefa271b07c7','model.1','other','{"node": "model.1", "build_key": "other", "published": ["db", "main", "model.1"], "code": {"rows": "c", "columns": [], "rest": ""}, "data": {"rows": "d", "columns": [], "rest": ""}, "definition": "16b7498cfe78fb34", "stale_since": "", "stale_reason": "", "is_resting": false}');
CREATE TABLE profiles (
	build_key TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (build_key)
);
INSERT INTO "profiles" VALUES('k','{"rows": 9007199254740992, "content_hash": "hash", "columns": {"x": {"nulls": 0, "min": null, "mean": 1.5}}}');
CREATE TABLE publications (
	release INTEGER NOT NULL, 
	environment TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	parent INTEGER, 
	author TEXT NOT NULL, 
	git_commit TEXT NOT NULL, 
	summary JSON NOT NULL, 
	PRIMARY KEY (release)
);
INSERT INTO "publications" VALUES(1,'prod','apply','2026-11-22 14:39:12.586468',NULL,'','','{}');
CREATE TABLE quality_scores (
	environment TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	checks DOUBLE, 
	fresh DOUBLE, 
	documented DOUBLE, 
	PRIMARY KEY (environment, dataset, at)
);
INSERT INTO "quality_scores" VALUES('prod','model.a','2026-01-02 03:04:05.678901',0.5,1.0,0.25);
INSERT INTO "quality_scores" VALUES('prod','model.b','2026-01-02 03:04:05.678901',NULL,NULL,NULL);
CREATE TABLE refused_builds (
	"key" TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "refused_builds" VALUES('k');
CREATE TABLE release_pointers (
	release_id INTEGER NOT NULL, 
	pointer_id TEXT NOT NULL, 
	PRIMARY KEY (release_id, pointer_id)
);
INSERT INTO "release_pointers" VALUES(1,'856328b8affe3ccf');
INSERT INTO "release_pointers" VALUES(1,'534fbefa271b07c7');
CREATE TABLE releases (
	id INTEGER NOT NULL, 
	environment TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	parent INTEGER, 
	created_at DATETIME NOT NULL, 
	author TEXT NOT NULL, 
	git_commit TEXT NOT NULL, 
	message TEXT NOT NULL, 
	run_id INTEGER, 
	summary JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "releases" VALUES(1,'prod','apply','live',NULL,'2026-11-22 14:39:12.582253','','','m',NULL,'{}');
CREATE TABLE rereadings (
	source TEXT NOT NULL, 
	token TEXT NOT NULL, 
	salt TEXT NOT NULL, 
	PRIMARY KEY (source)
);
INSERT INTO "rereadings" VALUES('source.a','2026|7','again');
CREATE TABLE run_steps (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "run_steps" VALUES(1,1,'model.a','{"run_id": 1, "node": "model.a", "action": "build", "status": "done", "started_at": "2026-01-02T03:04:05.678901", "duration_s": 0.5, "message": "said", "build_key": "k", "rows": 3}');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	verb TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	status TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	pid INTEGER NOT NULL, 
	summary JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES(1,'apply','prod','done','2026-11-22 14:39:12.573819','2026-11-22 14:39:12.576169',4711,'{"built": 1}');
CREATE TABLE sessions (
	hash TEXT NOT NULL, 
	person TEXT NOT NULL, 
	roles JSON NOT NULL, 
	groups JSON NOT NULL, 
	source TEXT NOT NULL, 
	csrf TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	PRIMARY KEY (hash)
);
INSERT INTO "sessions" VALUES('hash','ana','[]','["a", "b"]','oidc','csrf','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901');
CREATE TABLE sign_in_attempts (
	id INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sign_in_attempts" VALUES(1,'who','2026-01-02 03:04:05.678901');
CREATE TABLE source_shapes (
	environment TEXT NOT NULL, 
	source TEXT NOT NULL, 
	columns JSON NOT NULL, 
	PRIMARY KEY (environment, source)
);
INSERT INTO "source_shapes" VALUES('prod','source.a','[["x", "INTEGER"]]');
CREATE TABLE users (
	name TEXT NOT NULL, 
	password TEXT NOT NULL, 
	roles JSON NOT NULL, 
	is_disabled BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "users" VALUES('ana','$argon2id$','["analyst", "viewer"]',0,'2026-01-02 03:04:05.678901','2026-01-02 03:04:05.678901');
CREATE TABLE verdicts (
	id TEXT NOT NULL, 
	"check" TEXT NOT NULL, 
	at DATETIME, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES('86a79bccef4a8658','test.a','2026-01-02 03:04:05.678901','{"check": "test.a", "check_hash": "h", "builds": ["k"], "status": "fail", "failures": 1099511627776, "message": "it''s\n\"\u00fc\" \u8868", "sample": [{"x": null, "y": "1"}], "duration_s": 0.25, "at": "2026-01-02T03:04:05.678901", "cached": false, "is_unasked": false, "lasts": false}');
CREATE TABLE writers (
	token TEXT NOT NULL, 
	who TEXT NOT NULL, 
	process TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	run_id INTEGER, 
	since DOUBLE NOT NULL, 
	heard DOUBLE NOT NULL, 
	expires DOUBLE NOT NULL, 
	is_lost BOOLEAN NOT NULL, 
	is_waiting BOOLEAN NOT NULL, 
	PRIMARY KEY (token)
);
CREATE INDEX releases_by_environment ON releases (environment, id);
CREATE INDEX pointers_by_node ON pointers (node);
CREATE INDEX verdicts_by_check ON verdicts ("check", at);
CREATE INDEX run_steps_by_run ON run_steps (run_id);
CREATE INDEX publications_by_environment ON publications (environment, at);
CREATE INDEX incidents_by_status ON incidents (status, environment);
CREATE INDEX incident_events_by_incident ON incident_events (incident_id);
CREATE INDEX deliveries_by_status ON deliveries (status, due_at);
CREATE INDEX observations_by_dataset ON observations (environment, dataset, at);
CREATE INDEX monitor_alerts_by_dataset ON monitor_alerts (environment, dataset, at);
CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sign_in_attempts_by_who ON sign_in_attempts (who, at);
CREATE INDEX audit_by_person ON audit (person, at);
CREATE INDEX audit_by_time ON audit (at);
COMMIT;
