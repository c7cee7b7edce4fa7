-- Requests of wrk: the paths in the file that the variable `PATHS` names, in a shuffled order, over and over.
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
math.randomseed(7)
for i = #paths, 2, -1 do
    local j = math.random(i)
    paths[i], paths[j] = paths[j], paths[i]
end
local requests, at = {}, 0

function init()
    for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
