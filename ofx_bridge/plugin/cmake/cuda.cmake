# What is behind `candela_cuda`: kernels where CUDA's compiler is (AUTO) or has to be (ON), nothing, or for tests a loop.
if(CANDELA_OFX_CUDA STREQUAL "AUTO" OR CANDELA_OFX_CUDA STREQUAL "ON")
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER AND CANDELA_OFX_CUDA STREQUAL "ON")
    message(FATAL_ERROR "CANDELA_OFX_CUDA=ON: nvcc is not here; put it on PATH, or name it with CMAKE_CUDA_COMPILER")
  endif()
endif()
if(CANDELA_OFX_CUDA STREQUAL "STAND_IN")
  target_sources(candela_ofx_parts PRIVATE cuda/shim.cpp)
elseif(CMAKE_CUDA_COMPILER AND NOT CANDELA_OFX_CUDA STREQUAL "OFF")
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75-real 86-real 89-real 90) # newer ones compile 90's instructions when they first load it
  endif()
  enable_language(CUDA)
  # A library of its own: sanitizers and warnings of the rest are not its compiler's.
  add_library(candela_ofx_cuda STATIC cuda/cuda.cu)
  target_include_directories(candela_ofx_cuda PRIVATE include src)
  # The run-time is inside: a machine without CUDA loads the bundle as any other. C++17: what CMake 3.21 knows of CUDA.
  set_target_properties(candela_ofx_cuda PROPERTIES CUDA_STANDARD 17 CUDA_RUNTIME_LIBRARY Static CUDA_VISIBILITY_PRESET hidden
                        POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(candela_ofx_parts PUBLIC candela_ofx_cuda)
else()
  target_sources(candela_ofx_parts PRIVATE cuda/none.cpp)
endif()
message(STATUS "CUDA render: ${CANDELA_OFX_CUDA}, compiler ${CMAKE_CUDA_COMPILER}")
