// Bitrix24's own JavaScript SDK against the sandbox: what it sends is answered
// as it expects.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiVersion, B24Hook, B24OAuth, EnumAppStatus, ParamsFactory } from '@bitrix24/b24jssdk'

const env = process.env

function quiet(client) {
  client.offClientSideWarning()
  return client
}

// hook is a client for a webhook; this SDK insists on https.
function hook(url = env.WEBHOOK) {
  return quiet(B24Hook.fromWebhookUrl(url))
}

function oauth(overrides = {}) {
  const origin = `https://${env.DOMAIN}`
  return quiet(new B24OAuth({
    applicationToken: '',
    userId: 1,
    memberId: 'sandbox',
    accessToken: env.TOKEN,
    refreshToken: env.REFRESH,
    expires: Math.floor(Date.now() / 1000) + 3600,
    expiresIn: 3600,
    scope: 'user',
    domain: env.DOMAIN,
    clientEndpoint: `${origin}/rest/`,
    serverEndpoint: `${origin}/rest/`,
    status: EnumAppStatus.Local,
    ...overrides
  }, { clientId: env.CLIENT, clientSecret: env.SECRET }))
}

async function call(client, method, params = {}) {
  const answer = await client.actions.v2.call.make({ method, params })
  assert.ok(answer.isSuccess, answer.getErrorMessages().join('; '))
  return answer.getData()
}

test('a user is changed and read back', async () => {
  const client = hook()
  const changed = await call(client, 'user.update', { ID: 2, NAME: 'Oleg', LAST_NAME: 'Lama', UF_DEPARTMENT: [3] })
  assert.equal(changed.result, true)
  assert.equal(typeof changed.time.duration, 'number')
  assert.match(changed.time.date_start, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/)
  const { result } = await call(client, 'user.get', { ID: 2 })
  assert.equal(result[0].NAME, 'Oleg')
  assert.deepEqual(result[0].UF_DEPARTMENT, [3])
})

test('a list goes on where the page ends', async () => {
  const client = hook()
  const first = await client.actions.v2.call.make({ method: 'user.get', params: { start: 0 } })
  assert.equal(first.getData().result.length, 50)
  assert.ok(first.getTotal() >= 120)
  assert.ok(first.isMore())
  const all = await client.actions.v2.callList.make({ method: 'user.get', params: {}, idKey: 'ID' })
  assert.ok(all.isSuccess, all.getErrorMessages().join('; '))
  assert.equal(all.getData().length, first.getTotal())
  const seen = new Set()
  for await (const page of client.actions.v2.fetchList.make({ method: 'user.get', params: {}, idKey: 'ID' })) {
    page.forEach(user => seen.add(user.ID))
  }
  assert.equal(seen.size, first.getTotal())
})

test('a batch answers in order, by place and by name', async () => {
  const client = hook()
  const byPlace = await client.actions.v2.batch.make({
    calls: [['user.get', { ID: 3 }], ['department.get', { ID: 1 }]],
    options: { isHaltOnError: true }
  })
  assert.ok(byPlace.isSuccess, byPlace.getErrorMessages().join('; '))
  const [users, departments] = byPlace.getData()
  assert.equal(users[0].ID, '3')
  assert.equal(departments[0].ID, '1')

  const byName = await client.actions.v2.batch.make({
    calls: { user: ['user.get', { ID: 4 }], missing: ['user.dance', {}] },
    options: { isHaltOnError: false, returnAjaxResult: true }
  })
  const results = byName.getData()
  assert.equal(results.user.getData().result[0].ID, '4')
  assert.equal(results.missing.isSuccess, false)
})

test('more than fifty commands are sent in several batches', async () => {
  const calls = Array.from({ length: 120 }, (_, i) => ['user.get', { ID: i + 1 }])
  const answer = await hook().actions.v2.batchByChunk.make({ calls, options: { isHaltOnError: true } })
  assert.ok(answer.isSuccess, answer.getErrorMessages().join('; '))
  assert.deepEqual(answer.getData().map(rows => rows[0].ID), calls.map(([, { ID }]) => String(ID)))
})

test('an unknown method and a wrong webhook are errors with their codes', async () => {
  await assert.rejects(call(hook(), 'user.dance'), { code: 'ERROR_METHOD_NOT_FOUND' })
  await assert.rejects(call(hook(`https://${env.DOMAIN}/rest/1/wrongwrong/`), 'user.get'), { code: 'NO_AUTH_FOUND' })
})

test('an access token works, and an expired one is renewed', async () => {
  assert.ok((await call(oauth(), 'user.current')).result.ID)
  const client = oauth({ expires: 1, accessToken: 'outdated' })
  let renewed
  client.setCallbackRefreshAuth(async ({ b24OAuthParams }) => { renewed = { ...b24OAuthParams } })
  assert.equal((await call(client, 'user.current')).result.ID, '1')
  assert.notEqual(renewed.accessToken, env.TOKEN)
  assert.notEqual(renewed.refreshToken, env.REFRESH)
})

test('at the limits of the plan nothing is lost', async () => {
  const client = hook(env.LIMITED_WEBHOOK)
  const params = ParamsFactory.getDefault()
  await client.getHttpClient(ApiVersion.v2).setRestrictionManagerParams(params)
  const answers = await Promise.all(Array.from({ length: 56 }, (_, i) => call(client, 'user.get', { ID: i + 1 })))
  assert.equal(answers.length, 56)
})
