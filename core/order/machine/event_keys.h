#ifndef OD_ORDER_MACHINE_EVENT_KEYS_H
#define OD_ORDER_MACHINE_EVENT_KEYS_H

/*
 * What encoding and decoding of event data agree on. The data is flat: a shipment's fields, not
 * {"shipment": {…}}. Lists ("items", "units") and addresses stand among the fields under names that
 * no field has. An address is without its kind, which its key says.
 */

#define OD_DATA_ADDRESS_KEYS                                                                       \
    {                                                                                              \
        "shipping_address", "billing_address"                                                      \
    }

#endif
