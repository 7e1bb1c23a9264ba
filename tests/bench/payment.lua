dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("PATCH", "/api/orders/id:" .. next_id(), '{"paymentStatus":"paid"}')
end
