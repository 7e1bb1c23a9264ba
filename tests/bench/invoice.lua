dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("POST", "/api/orders/" .. next_id() .. "/invoices", "{}")
end
