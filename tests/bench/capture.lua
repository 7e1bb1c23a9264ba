dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  local id = next_id()
  local body = ('{"type":"capture","method":"card","transactionId":"ch_%d"}'):format(id)
  return http("POST", "/api/orders/id:" .. id .. "/payments", body)
end
