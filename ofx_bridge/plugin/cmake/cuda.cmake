# No CUDA kernel is written yet: asking for one says so instead of building something else.
if(CANDELA_OFX_CUDA STREQUAL "ON")
  message(FATAL_ERROR "CANDELA_OFX_CUDA=ON: there is no CUDA render in this version; leave it AUTO or OFF")
endif()
