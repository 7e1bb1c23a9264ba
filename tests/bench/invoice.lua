dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("POST", "/api/orders/id:" .. next_id() .. "/invoices", "{}")
end
