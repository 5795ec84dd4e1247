@ Vectors, code, initialised data stored in flash, a gap and a calibration block at an odd address.
  .section .vectors, "a"
  .word 0x20005000
  .word reset + 1
  .text
  .thumb
  .global reset
reset:
  b reset
  .data
  .ascii "runs in RAM"
  .section .far, "a"
  .ascii "calibration"
  .bss
  .space 4096
