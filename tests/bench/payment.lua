dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("PATCH", "/api/orders/" .. next_id(), '{"paymentStatus":"paid"}')
end
