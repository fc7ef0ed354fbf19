-- Times are microseconds since the Unix epoch, UTC. Amounts are unscaled decimals of scale 2 (12.34 is 1234), so that they add up exactly in SQL.

CREATE TABLE customer (
    id TEXT NOT NULL PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'BLOCKED'))
) WITHOUT ROWID;

-- initial is what was ever put on the shelf; the three others say where those pieces are now.
CREATE TABLE stock (
    sku TEXT NOT NULL PRIMARY KEY,
    initial INTEGER NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    sold INTEGER NOT NULL CHECK (sold >= 0),
    CHECK (initial = available + reserved + sold)
) WITHOUT ROWID;

-- Rows are appended in the order of decision; only the small index on order_id is written at random places.
-- items is a JSON object of sku to quantity: what is held and will be sold or released. It is NULL where nothing was ever held.
CREATE TABLE reservation (
    sequence INTEGER NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('RESERVED', 'SOLD', 'REJECTED', 'RELEASED')),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    customer_id TEXT NOT NULL,
    client TEXT,
    source_topic TEXT NOT NULL,
    source_partition INTEGER NOT NULL,
    source_offset INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (typeof(amount) = 'integer'),
    items TEXT,
    created_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    settled_at INTEGER,
    reason TEXT,
    detail TEXT,
    payment_id TEXT,
    CHECK ((state = 'REJECTED') = (items IS NULL)),
    CHECK ((state IN ('SOLD', 'RELEASED')) = (settled_at IS NOT NULL)),
    CHECK ((state = 'SOLD') = (payment_id IS NOT NULL))
);
