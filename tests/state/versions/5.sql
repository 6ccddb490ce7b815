BEGIN TRANSACTION;
CREATE TABLE builds (
	"key" TEXT NOT NULL, 
	node TEXT NOT NULL, 
	created_at DATETIME, 
	body JSON NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "builds" VALUES('k','model.a','2026-01-02 03:04:05.678901','{"node": "model.a", "relation": "s.a__k", "kind": "table", "versions": {"rows": "r", "columns": [["b", "2"], ["a", "1"]], "rest": "rest"}, "columns": [["x", "INTEGER"]], "inputs": ["i"], "created_at": "2026-01-02T03:04:05.678901", "duration_s": 1.5, "run_id": 7, "is_outside": false, "is_still": false}');
CREATE TABLE claims (
	"key" TEXT NOT NULL, 
	token TEXT NOT NULL, 
	is_making BOOLEAN NOT NULL, 
	PRIMARY KEY ("key", token)
);
INSERT INTO "claims" VALUES('k','e1a72e3cba9534f8',0);
CREATE TABLE definitions (
	id TEXT NOT NULL, 
	node TEXT NOT NULL, 
	sql TEXT NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "definitions" VALUES('5aeca7f67090f7f2','model.0','select 1','{}');
INSERT INTO "definitions" VALUES('16b7498cfe78fb34','model.1','select 1','{}');
CREATE TABLE dryland_meta (
	version INTEGER NOT NULL
);
INSERT INTO "dryland_meta" VALUES(5);
CREATE TABLE environments (
	name TEXT NOT NULL, 
	live_release INTEGER, 
	base TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "environments" VALUES('prod',1,'','','2026-11-22 04:49:00.746076');
INSERT INTO "environments" VALUES('dev_ana',NULL,'prod','refused','2026-11-22 04:49:00.762354');
CREATE TABLE leases (
	scope TEXT NOT NULL, 
	fence BIGINT NOT NULL, 
	token TEXT, 
	PRIMARY KEY (scope)
);
INSERT INTO "leases" VALUES('environment prod',2,'e1a72e3cba9534f8');
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
INSERT INTO "releases" VALUES(1,'prod','apply','live',NULL,'2026-11-22 04:49:00.754455','','','m',NULL,'{}');
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
INSERT INTO "runs" VALUES(1,'apply','prod','done','2026-11-22 04:49:00.744233','2026-11-22 04:49:00.745424',4711,'{"built": 1}');
CREATE TABLE verdicts (
	id TEXT NOT NULL, 
	"check" TEXT NOT NULL, 
	at DATETIME, 
	body JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES('86a79bccef4a8658','test.a','2026-01-02 03:04:05.678901','{"check": "test.a", "check_hash": "h", "builds": ["k"], "status": "fail", "failures": 1099511627776, "message": "it''s\n\"\u00fc\" \u8868", "sample": [{"x": null, "y": "1"}], "duration_s": 0.25, "at": "2026-01-02T03:04:05.678901", "cached": false, "lasts": false}');
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
INSERT INTO "writers" VALUES('e1a72e3cba9534f8','root@vm','739d519aec9b9bf4:21516:218413','apply','environment prod',NULL,1.79532294077598905557e+09,1.79532294077598905557e+09,1.79532300077598905565e+09,0,0);
CREATE INDEX releases_by_environment ON releases (environment, id);
CREATE INDEX verdicts_by_check ON verdicts ("check", at);
CREATE INDEX run_steps_by_run ON run_steps (run_id);
CREATE INDEX pointers_by_node ON pointers (node);
COMMIT;
