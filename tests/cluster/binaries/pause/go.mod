// Holds the namespaces of a pod.
module minzheng/cluster/pause

go 1.26.0
