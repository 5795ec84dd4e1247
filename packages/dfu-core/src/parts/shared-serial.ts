/**
 * Serials that are not a unit's own. F04x, F07x and F303 cannot read their unique id and make one of all ones: FFFFFFFEFFFF; "STM32" of
 * F107 (dfu-util's device log stm32f107.lsusb); "STM32FxSTM32" of F446, F722 and F723 (ST community 154515, TAStm32 pull request 71);
 * GD32VF103's says its flash size and nothing else: "3CBJ" (dfu-util, quirks.c).
 */
const SHARED = /^(|F{7}[EF]F{4}|STM32\w*|3C[468B]J)$/i;

/**
 * Whether many units show this USB serial, so that it names none of them. Other serials may be shared as well (STM32U585: ST
 * community 848193).
 */
export const isSharedSerial = (serial: string): boolean => SHARED.test(serial);
