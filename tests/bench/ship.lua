dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("POST", "/api/orders/id:" .. next_id() .. "/shipments", '{"carrier":"ctt","trackingNumber":"RR123456789PT"}')
end
