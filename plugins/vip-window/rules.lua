-- Beyond the window, and for everybody else, the default rule decides. Only its "it is paid" is
-- overruled: an order that is held or on its way stays where it is.

local function is_vip(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == oms.config.tag then return true end
  end
  return false
end

oms.policy("order.cancel", function(order, request)
  local verdict = oms.default("order.cancel", order, request)
  if verdict.allowed or verdict.code ~= "payment_not_cancelable" then return verdict end

  if is_vip(order) and oms.now() - order.created_at < oms.config.window then
    return oms.allow("VIP: within the window")
  end
  return verdict
end)
