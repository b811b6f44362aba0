// Prevents: a server that the real client of iletimerkezi's API cannot use.
//
// Drives the npm package, unmodified, against a running `callbar serve`; see run.sh. Environment:
// CALLBAR_URL (http://127.0.0.1:PORT), CALLBAR_KEY and CALLBAR_HASH of an empty list, CALLBAR_CLIENT
// (the folder that the package was installed into).

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

const { CALLBAR_URL: url, CALLBAR_KEY: key, CALLBAR_HASH: hash, CALLBAR_CLIENT: folder } = process.env;
const require = createRequire(path.join(path.resolve(folder), 'package.json'));
const { IletiMerkeziClient } = require('@iletimerkezi/iletimerkezi-node');
const version = require('@iletimerkezi/iletimerkezi-node/package.json').version;
assert.equal(version, '1.0.1');

const EARLY = 1_200;
const ALL = 2_500;
const PAGE = 1_000;

function connect(withHash) {
    const client = new IletiMerkeziClient(key, withHash);
    client.httpClient.baseUrl = `${url}/v1/`;
    return client;
}

const number = (at) => `+90505${String(at).padStart(7, '0')}`;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// As the API writes dates: in Turkish time, which is three hours ahead of UTC.
const date = (milliseconds) =>
    new Date(milliseconds + 3 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

async function add(client, from, to) {
    const WIDTH = 50;
    for (let at = from; at < to; at += WIDTH) {
        const some = Array.from({ length: Math.min(WIDTH, to - at) }, (_, more) => number(at + more));
        const answers = await Promise.all(some.map((one) => client.blacklist().add(one)));
        for (const answer of answers) {
            assert.ok(answer.ok(), JSON.stringify(answer));
        }
    }
}

// Every page of a list, by the client's own list() and next().
async function pages(client, filter) {
    const service = client.blacklist();
    const found = [];
    let answer = await service.list(1, filter);
    while (answer.getNumbers().length > 0) {
        assert.ok(answer.ok(), JSON.stringify(answer));
        assert.equal(answer.getErrorCode(), 200);
        found.push(answer.getNumbers());
        answer = await service.next();
    }
    return { lengths: found.map((numbers) => numbers.length), numbers: found.flat(), last: answer };
}

function sameNumbers(found, from, to) {
    const expected = Array.from({ length: to - from }, (_, more) => number(from + more));
    assert.deepEqual([...found].sort(), expected);
}

const client = connect(hash);

const empty = await client.blacklist().list();
assert.ok(empty.ok());
assert.equal(Number(empty.getCount()), 0);
assert.deepEqual(empty.getNumbers(), []);

// Two lots, seconds apart, so that dates can tell them from each other.
const start = Date.now();
await add(client, 0, EARLY);
const between = Date.now() + 2_000;
await sleep(4_000);
await add(client, EARLY, ALL);
const end = Date.now();
console.log(`added ${ALL} numbers`);

const all = await pages(client);
assert.deepEqual(all.lengths, [PAGE, PAGE, ALL - 2 * PAGE]);
sameNumbers(all.numbers, 0, ALL);
assert.equal(all.last.getCurrentPage(), 4);
const first = await client.blacklist().list(1);
assert.equal(first.getCount(), String(ALL));
assert.equal(first.getTotalPages(), 3);
assert.ok(first.hasMorePages());
console.log('listed them in pages of 1,000');

const whole = { start: date(start), end: date(end + 1_000) };
sameNumbers((await pages(client, whole)).numbers, 0, ALL);
const early = await pages(client, { start: date(start), end: date(between) });
sameNumbers(early.numbers, 0, EARLY);
assert.equal(early.last.getCount(), String(EARLY), 'the count of the filter, on any page');
const late = await pages(client, { start: date(between) });
sameNumbers(late.numbers, EARLY, ALL);
sameNumbers((await pages(client, { end: date(between) })).numbers, 0, EARLY);
const never = await client.blacklist().list(1, { end: date(start - 3_600_000) });
assert.equal(Number(never.getCount()), 0);
const swapped = await client.blacklist().list(1, { start: date(end), end: date(start - 3_600_000) });
assert.equal(swapped.getStatusCode(), 458);
const dateless = await client.blacklist().list(1, { start: 'yesterday' });
assert.equal(dateless.getStatusCode(), 457);
console.log('listed them by date');

const again = await client.blacklist().add('0505 000 00 00');
assert.ok(again.ok());
assert.equal(again.getMessage(), 'Successful operation');
const removed = await client.blacklist().remove(['0505 000 00 00']);
assert.ok(removed.ok());
const absent = await client.blacklist().remove(number(0));
assert.equal(absent.getStatusCode(), 474);
assert.equal(absent.getErrorCode(), 474);
assert.ok(!absent.ok());
assert.equal((await client.blacklist().add('not a number')).getStatusCode(), 466);
const rest = await pages(client);
sameNumbers(rest.numbers, 1, ALL);
console.log('removed one');

const stranger = connect(hash.replace(/./g, '0'));
for (const answer of [
    await stranger.blacklist().list(),
    await stranger.blacklist().add(number(0)),
    await stranger.blacklist().remove(number(1)),
]) {
    assert.ok(!answer.ok());
    assert.equal(answer.getStatusCode(), 401);
    assert.equal(answer.getErrorCode(), 401);
    assert.equal(answer.getMessage(), 'Membership details incorrect');
}
assert.equal((await client.blacklist().list()).getCount(), String(ALL - 1), 'nothing came of it');
console.log(`@iletimerkezi/iletimerkezi-node ${version}: as it should be`);
