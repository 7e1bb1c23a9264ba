-- What scripts find is Lua 5.4 trimmed by core/script/vm/libs.c, and `oms`.
local function functions(names)
  local fields = {}
  for name in names:gmatch("%S+") do fields[name] = {} end
  return { fields = fields }
end

stds.orderd = {
  read_globals = {
    oms = { fields = (function()
      local fields = functions([[policy on command route job test allow refuse hold default status
        statuses status_name rollup_status store now date format_amount parse_amount log list finding mail webhook notify run orders order
        transaction cancel_order update_payment_status update_shipment_status add_payment
        create_shipment update_shipment track_shipment refund_order create_return update_return
        issue_invoice propose_change confirm_change discard_change hold_order release_order add_activity send_mail update_order
        command_order place_order set_inventory split_order credit_invoice
        receiver message_id acknowledge check_signature check_webhook read shorten find_orders park ignore reject hmac_sha256 same hex from_hex base64 from_base64]]).fields
      fields.config = { other_fields = true }
      return fields
    end)() },
    string = functions "byte char find format gmatch gsub len lower match rep reverse sub upper",
    table = functions "concat insert pack remove sort unpack",
    math = functions [[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min
      mininteger modf pi rad sin sqrt tan tointeger type ult]],
    utf8 = functions "char charpattern codepoint codes len offset",
    assert = {}, error = {}, ipairs = {}, pairs = {}, pcall = {}, select = {}, setmetatable = {},
    tonumber = {}, tostring = {}, type = {},
  },
}

std = "orderd"
max_line_length = 100
-- Annotations for editors: declarations without bodies.
files["scripts/types"] = {
  std = "lua54", globals = { "oms" }, ignore = { "212", "241" }, max_line_length = false,
}
-- A plugin's files share their globals.
files["plugins"] = { allow_defined_top = true }
-- wrk runs these under LuaJIT; it calls the globals they define, and common.lua shares some.
files["tests/bench"] = {
  std = "luajit", allow_defined_top = true, max_line_length = 125,
  read_globals = { "wrk", "number", "http", "next_id" },
  ignore = { "131" },
}
